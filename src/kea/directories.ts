import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
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
  readonly lib: string
  readonly log: string
  readonly run: string
  readonly configFile: string
  readonly leaseFile: string
  readonly logFile: string
  readonly pidFile: string
  readonly socket: string
}

export interface InstanceFolders {
  readonly runDir: string
  readonly stateDir: string
}

export function slotFolders({ runDir, stateDir }: InstanceFolders, slot: number): SlotFolders {
  const volatile = join(runDir, 'kea', String(slot))
  const lib = join(stateDir, 'kea', String(slot))
  const run = join(volatile, 'run')
  return {
    etc: join(volatile, 'etc'),
    lib,
    log: join(volatile, 'log'),
    run,
    configFile: join(volatile, 'etc', 'kea-dhcp4.conf'),
    leaseFile: join(lib, 'kea-leases4.csv'),
    logFile: join(volatile, 'log', 'kea-dhcp4.log'),
    pidFile: join(run, 'kea-dhcp4.kea-dhcp4.pid'),
    socket: join(run, 'kea4-ctrl-socket'),
  }
}

/** Makes a slot's folders, closed to others as Kea demands. Throws if the file system refuses. */
export function makeFolders({ etc, lib, log, run }: SlotFolders): void {
  for (const folder of [etc, lib, log, run]) mkdirSync(folder, { recursive: true, mode: 0o750 })
  accessSync(lib, constants.W_OK)
}

/** The slots that have folders, in either place. */
export function slotsOnDisk({ runDir, stateDir }: InstanceFolders): number[] {
  const names = [runDir, stateDir].flatMap(dir => list(join(dir, 'kea')))
  return [...new Set(names.filter(name => /^[1-9][0-9]{0,2}$/.test(name)).map(Number))]
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
