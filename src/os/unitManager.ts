import { readlinkSync } from 'node:fs'
import { exists } from './files.ts'

/**
 * Whether systemd manages this machine (sd_booted(3)) and this process is in its networks and processes: on a simulated
 * node, or in a container without one, a unit would be somewhere else.
 */
export function hasUnitManager(): boolean {
  return exists('/run/systemd/system') && ['net', 'pid'].every(isSharedWithInit)
}

function isSharedWithInit(kind: string): boolean {
  try {
    return readlinkSync(`/proc/1/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`)
  } catch {
    return false
  }
}

/** A unit of its own, systemd.unit(5), that outlives the one it is started from. */
export interface TransientUnit {
  /** Without `.service`. */
  readonly name: string
  readonly description: string
  /** Such as `ProtectHome=yes`, systemd.exec(5). */
  readonly properties: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/**
 * The words that run a command in a unit of its own, systemd-run(1). The client waits for its end, and has its exit status;
 * when the client is ended, the unit goes on. Standard input and output are the client's own. The service manager replaces
 * variables in the words of a command, and `$$` by `$` (systemd.service(5)): in a script these are the shell's, so each `$` is
 * said twice.
 */
export function inUnit(
  { name, description, properties, environment = {} }: TransientUnit,
  command: readonly string[],
): string[] {
  return [
    ...['systemd-run', '--quiet', '--collect', '--wait', '--pipe', '--service-type=exec'],
    `--unit=${name}`,
    `--description=${description}`,
    ...properties.map(property => `--property=${property}`),
    ...Object.entries(environment).map(([key, value]) => `--setenv=${key}=${value}`),
    '--',
    ...command.map(word => word.replaceAll('$', () => '$$')),
  ]
}

/**
 * What a command begins with whose mounts all of the node is to see, as those of ip-netns(8): a confined service has a
 * mount namespace of its own, out of which nothing leads.
 */
export function seenByAll(): string[] {
  return hasUnitManager() ? ['systemd-run', '--quiet', '--collect', '--wait', '--pipe', '--'] : []
}

/** What no daemon of guestnet's needs; what it does need is added to it. */
export const CONFINEMENT = [
  'KeyringMode=private',
  'LockPersonality=yes',
  'MemoryDenyWriteExecute=yes',
  'PrivateDevices=yes',
  'PrivateTmp=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHome=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'ProtectProc=invisible',
  'ProtectSystem=strict',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'SystemCallArchitectures=native',
  'SystemCallErrorNumber=EPERM',
  // Guests end before what serves them.
  'Before=pve-guests.service',
] as const
