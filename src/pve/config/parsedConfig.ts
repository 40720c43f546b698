import type { Addressing } from '../../core/guest/guest.ts'
import type { GuestType } from '../../core/guest/names.ts'
import type { TextLine } from '../../core/text/fence.ts'
import { decodeNotes } from './description.ts'
import { readIpconfig } from './ipconfig.ts'
import { readLxcConfig } from './lxcConfig.ts'
import { type LxcNet, readLxcNet } from './lxcNet.ts'
import { present } from './present.ts'
import { readQemuConfig } from './qemuConfig.ts'
import { type QemuNet, readQemuNet } from './qemuNet.ts'
import { type ConfigProblem, type Located, nicOf, type RawConfig } from './rawConfig.ts'
import type { Read } from './read.ts'

/** A guest's file after both of Proxmox's stages: what it would use, and what it drops on the way. */
export type ParsedConfig = ParsedQemu | ParsedLxc

export interface ParsedQemu extends ParsedCommon {
  readonly type: 'qemu'
  /** By the N of `netN`. */
  readonly nets: Indexed<QemuNet>
  /** By the N of `ipconfigN`. */
  readonly ipconfigs: Indexed<Addressing>
  /** Of those that were changed since the guest was started, what they were then. */
  readonly atStart: Indexed<Addressing>
}

export interface ParsedLxc extends ParsedCommon {
  readonly type: 'lxc'
  /** By the N of `netN`. */
  readonly nets: Indexed<LxcNet>
  /** Always empty: a container has its addresses in `netN`. */
  readonly ipconfigs: Indexed<Addressing>
}

export type Indexed<T> = ReadonlyMap<number, Located<T>>

interface ParsedCommon {
  /** `name` of a VM, `hostname` of a container. */
  readonly name?: string
  readonly template: boolean
  readonly lock?: string
  readonly nameserver?: string
  readonly searchdomain?: string
  readonly cicustom?: string
  readonly notes: readonly TextLine[]
  /** By line. */
  readonly problems: readonly ConfigProblem[]
}

/** Reads a guest's file the way Proxmox does. Takes any text; what is wrong with it is in `problems`. */
export function parseGuestConfig(text: string, type: GuestType): ParsedConfig {
  return type === 'qemu' ? parseQemu(readQemuConfig(text)) : parseLxc(readLxcConfig(text))
}

function parseQemu(raw: RawConfig): ParsedQemu {
  const nets = readAll(raw, 'net', readQemuNet)
  const ipconfigs = readAll(raw, 'ipconfig', readIpconfig)
  return {
    type: 'qemu',
    ...common(raw, 'name', [...raw.problems, ...nets.problems, ...ipconfigs.problems]),
    nets: nets.read,
    ipconfigs: ipconfigs.read,
    atStart: readAll({ values: raw.atStart }, 'ipconfig', readIpconfig).read,
  }
}

/** What the second stage rejects, the first has warned of: for a container they apply the same rules. */
function parseLxc(raw: RawConfig): ParsedLxc {
  const nets = readAll(raw, 'net', readLxcNet)
  return { type: 'lxc', ...common(raw, 'hostname', raw.problems), nets: nets.read, ipconfigs: new Map() }
}

function common(raw: RawConfig, nameKey: string, problems: readonly ConfigProblem[]): ParsedCommon {
  const value = (key: string) => raw.values.get(key)?.value
  return present<ParsedCommon>({
    name: value(nameKey),
    template: isOne(value('template') ?? '0'),
    lock: value('lock'),
    nameserver: value('nameserver'),
    searchdomain: value('searchdomain'),
    cicustom: value('cicustom'),
    notes: decodeNotes(raw.notes),
    problems: problems.toSorted((a, b) => a.line - b.line),
  })
}

/** A container keeps an invalid value too, and Proxmox then compares as Perl does: `1x` is 1. */
function isOne(text: string): boolean {
  return /^[+.0-9]/.test(text) && Number.parseFloat(text) === 1
}

/** The second stage for all `netN` or all `ipconfigN`. */
function readAll<T>(raw: Pick<RawConfig, 'values'>, key: string, read: (text: string) => Read<T>) {
  const values = new Map<number, Located<T>>()
  const problems: ConfigProblem[] = []
  for (const [name, { value: text, line }] of raw.values) {
    const nic = name.startsWith(key) ? nicOf(name) : undefined
    if (nic === undefined) continue
    const result = read(text)
    if ('value' in result) {
      values.set(nic, { value: result.value, line })
    } else {
      const message = `${name}: ${result.wrong}; Proxmox uses nothing of the line`
      problems.push({ code: 'config-value-invalid', line, nic, message })
    }
  }
  return { read: values, problems }
}
