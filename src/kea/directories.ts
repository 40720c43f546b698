import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The paths Kea sees. Debian's AppArmor profile and, from 2.6.3, Kea itself allow these and no others, so they are the
 * same for every Kea: each has its own mount namespace, in which they are that slot's folders.
 */
export const KEA_PATHS = {
  config: '/etc/kea/kea-dhcp4.conf',
  leases: '/var/lib/kea/kea-leases4.csv',
  log: '/var/log/kea/kea-dhcp4.log',
  socket: '/run/kea/kea4-ctrl-socket',
} as const

/** A slot's folders and files as the node sees them. */
export interface SlotFolders {
  readonly etc: string
  readonly log: string
  readonly run: string
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
  return {
    etc,
    log,
    run,
    configFile: join(etc, 'kea-dhcp4.conf'),
    initialLeases: join(etc, 'initial-leases.csv'),
    logFile: join(log, 'kea-dhcp4.log'),
    pidFile: join(run, 'kea-dhcp4.kea-dhcp4.pid'),
    socket: join(run, 'kea4-ctrl-socket'),
  }
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
