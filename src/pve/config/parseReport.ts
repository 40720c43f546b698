import { basename } from 'node:path'
import type { Addressing } from '../../core/guest/guest.ts'
import type { GuestType } from '../../core/guest/names.ts'
import { parseVmid, type Vmid } from '../../core/guest/names.ts'
import type { LxcNet } from './lxcNet.ts'
import { type Indexed, parseGuestConfig } from './parsedConfig.ts'
import type { QemuNet } from './qemuNet.ts'
import type { ConfigProblem } from './rawConfig.ts'

/** What `guestnet parse` prints of a file. Its fields are part of the command's interface. */
export interface ParseReport {
  readonly type: GuestType
  readonly vmid: Vmid | null
  readonly name: string | null
  readonly template: boolean
  readonly nameserver: string | null
  readonly searchdomain: string | null
  readonly nets: Readonly<Record<string, QemuNet | LxcNet>>
  readonly ipconfigs: Readonly<Record<string, Addressing>>
  readonly problems: readonly Pick<ConfigProblem, 'code' | 'line' | 'message'>[]
}

/**
 * Reads a guest's file for `guestnet parse`.
 *
 * @param file its path: the name gives the VMID, and a folder named `lxc` a container
 * @param type overrides what the path says
 */
export function parseReport(file: string, text: string, type: GuestType = typeOf(file)): ParseReport {
  const parsed = parseGuestConfig(text, type)
  return {
    type,
    vmid: parseVmid(/^([0-9]+)(?:\.|$)/.exec(basename(file))?.[1] ?? '') ?? null,
    name: parsed.name ?? null,
    template: parsed.template,
    nameserver: parsed.nameserver ?? null,
    searchdomain: parsed.searchdomain ?? null,
    nets: byName<QemuNet | LxcNet>('net', parsed.nets),
    ipconfigs: byName('ipconfig', parsed.ipconfigs),
    problems: parsed.problems.map(({ code, line, message }) => ({ code, line, message })),
  }
}

function typeOf(file: string): GuestType {
  return file.includes('/lxc/') ? 'lxc' : 'qemu'
}

function byName<T>(key: string, indexed: Indexed<T>): Record<string, T> {
  return Object.fromEntries(
    [...indexed].toSorted(([a], [b]) => a - b).map(([index, { value }]) => [`${key}${index}`, value]),
  )
}
