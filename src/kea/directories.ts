import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FAMILIES } from '../core/values/family.ts'
import { KEA, type KeaDaemon } from './daemons.ts'

/**
 * The paths Kea sees. Debian's AppArmor profile and, from 2.6.3, Kea itself allow these and no others, so they are the
 * same for every Kea: each has its own mount namespace, in which they are that slot's folders.
 */
export function keaPaths({ configName, leasesName, logName, socketName }: KeaDaemon) {
  return {
    config: `/etc/kea/${configName}`,
    leases: `/var/lib/kea/${leasesName}`,
    log: `/var/log/kea/${logName}`,
    socket: `/run/kea/${socketName}`,
  } as const
}

/** A slot's folders as the node sees them. */
export interface SlotFolders {
  readonly etc: string
  readonly log: string
  readonly run: string
}

/** A slot's folders, and the files of one daemon in them. */
export interface SlotFiles extends SlotFolders {
  readonly daemon: KeaDaemon
  readonly configFile: string
  /** The leases it is started with. */
  readonly initialLeases: string
  readonly logFile: string
  readonly pidFile: string
  readonly socket: string
}

export function slotFolders(runDir: string, slot: number): SlotFolders {
  const folder = join(runDir, 'kea', String(slot))
  const etc = join(folder, 'etc')
  const log = join(folder, 'log')
  const run = join(folder, 'run')
  return { etc, log, run }
}

export function slotFiles(runDir: string, slot: number, daemon: KeaDaemon): SlotFiles {
  const folders = slotFolders(runDir, slot)
  const { etc, log, run } = folders
  return {
    ...folders,
    daemon,
    configFile: join(etc, daemon.configName),
    initialLeases: join(etc, 'initial-leases.csv'),
    logFile: join(log, daemon.logName),
    pidFile: join(run, daemon.pidName),
    socket: join(run, daemon.socketName),
  }
}

/** The files of the Kea that a slot has, or had: told by its configuration. */
export function filesInSlot(runDir: string, slot: number): SlotFiles | undefined {
  return FAMILIES.map(family => slotFiles(runDir, slot, KEA[family])).find(({ configFile }) =>
    existsSync(configFile),
  )
}

/** Makes a slot's folders, closed to others as Kea demands. Throws if the file system refuses. */
export function makeFolders({ etc, log, run }: SlotFolders): void {
  for (const folder of [etc, log, run]) mkdirSync(folder, { recursive: true, mode: 0o750 })
}

/** The slots that have folders. */
export function slotsOnDisk(runDir: string): number[] {
  return list(join(runDir, 'kea'))
    .filter(name => /^[1-9][0-9]{0,2}$/.test(name))
    .map(Number)
}

/** Where this Debian keeps Kea's hook libraries: below the library folder of its architecture. */
export function hooksFolder(): string {
  const folders = list('/usr/lib').map(name => join('/usr/lib', name, 'kea', 'hooks'))
  return folders.find(folder => existsSync(folder)) ?? '/usr/lib/x86_64-linux-gnu/kea/hooks'
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
