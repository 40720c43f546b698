import type { ChildProcess } from 'node:child_process'
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { failed, type Result } from '../core/values/result.ts'
import { startDaemon } from '../os/daemon.ts'
import { readText } from '../os/files.ts'
import { CONFINEMENT } from '../os/unitManager.ts'
import { asUser, userNamed } from '../os/unprivileged.ts'
import { isAnswering } from './control.ts'
import type { SlotFiles } from './directories.ts'
import { prepareLink } from './link.ts'

/** The user whom Debian's package kea-common makes, and whom its own units run Kea as. */
export const KEA_USER = '_kea'

/** What Debian's units and AppArmor profiles leave to Kea: its raw sockets, and the ports of DHCP. */
const KEA_CAPABILITIES = ['net_raw', 'net_bind_service'] as const

/**
 * Runs inside the slot's network namespace and a mount namespace of its own (ip-netns(8)); the arguments are the slot's
 * folders, the names of the program, its configuration, its log and its leases, user and group, and what Kea is run by.
 * /run, /var/log and /var/lib become empty ones: Kea's folders there appear with the first start of Debian's own
 * service, and should not appear because of us. Leases are written to memory of Kea's own: a full disk would keep it from
 * giving any.
 *
 * Root prepares everything; what reads the guests' packets is an unprivileged user, who owns what Kea writes and cannot
 * write what it reads. AppArmor's rules of Kea say "owner", so even the log must be that user's; and they let kea-dhcp4 run
 * kea-lfc under a profile of its own, without which its lease file grows for ever.
 */
const LAUNCH = `set -e
exec 2>>"$2/$6"
mount --bind "$1" /etc/kea
mount --bind "$2" /media
mount --bind "$3" /mnt
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mount -t tmpfs -o mode=755,size=64m tmpfs /var/lib
mkdir -m 750 /run/kea /var/log/kea /var/lib/kea
mkdir -p /run/lock/kea
mount --bind /media /var/log/kea
mount --bind /mnt /run/kea
umount /media /mnt
if [ -e /etc/kea/initial-leases.csv ]; then cp /etc/kea/initial-leases.csv "/var/lib/kea/$7"; fi
chown -R "0:$9" /etc/kea
chown -R "$8:$9" /run/kea /run/lock/kea /var/log/kea /var/lib/kea
program=$4 config=/etc/kea/$5 log=/var/log/kea/$6
shift 9
exec "$@" "$program" -c "$config" >>"$log" 2>&1
`

/** Beyond what no daemon needs: until setpriv(1), root enters the namespace and mounts; see LAUNCH. */
const KEA_CONFINEMENT = [
  ...CONFINEMENT,
  'CapabilityBoundingSet=CAP_SYS_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_CHOWN CAP_DAC_OVERRIDE',
  'RestrictNamespaces=net mnt',
  'SystemCallFilter=@system-service @mount',
] as const

export interface KeaLaunch {
  /** The name of its unit, where systemd manages the node. */
  readonly unit: string
  /** Milliseconds it has to come up. */
  readonly timeout: number
}

/**
 * Starts Kea in a slot and waits until it takes messages. It goes on when this process ends. Returns the process.
 */
export async function launchKea(
  namespace: string,
  files: SlotFiles,
  { unit, timeout }: KeaLaunch,
): Promise<Result<{ child: ChildProcess }>> {
  const { etc, log, run, daemon } = files
  const user = userNamed(KEA_USER)
  if (!user) return failed(`the node has no user ${KEA_USER}, which Debian's package kea-common makes`)
  const prepared = await prepareLink(namespace, daemon.family)
  if (!prepared.ok) return failed(prepared.reason)
  const names = [daemon.program, daemon.configName, daemon.logName, daemon.leasesName]
  const runBy = [String(user.uid), String(user.gid), ...asUser(user, KEA_CAPABILITIES, daemon.program)]
  const launch = ['sh', '-c', LAUNCH, 'sh', etc, log, run, ...names, ...runBy]
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', KEA_LOCKFILE_DIR: '/run/lock/kea' }
  return await startDaemon({
    title: 'Kea',
    command: ['ip', 'netns', 'exec', namespace, ...launch],
    environment,
    unit: {
      name: unit,
      description: `${daemon.program} for the guests of this node`,
      properties: [...KEA_CONFINEMENT, `ReadWritePaths=${dirname(etc)}`],
      environment,
    },
    isAnswering: patience => isAnswering(files.socket, patience),
    timeout,
    lastWords: () => lastLines(files.logFile),
  })
}

/** The newest complaints of a Kea, on one line. */
function lastLines(logFile: string): string {
  try {
    const lines = readFileSync(logFile, 'utf8').trim().split('\n')
    const errors = lines.filter(line => /ERROR|FATAL|denied|cannot|not found/i.test(line))
    return (errors.length > 0 ? errors : lines).slice(-2).join(' / ').slice(-500)
  } catch {
    return 'it left no log'
  }
}

/** The inode of the network namespace a process lives in. */
export function namespaceOf(pid: number): number | undefined {
  try {
    const [, inode] = /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`)) ?? []
    return inode === undefined ? undefined : Number(inode)
  } catch {
    return undefined
  }
}

/** Where a running Kea's lease files are, seen through its own mount namespace. */
export function leaseFolderOf(pid: number): string {
  return `/proc/${pid}/root/var/lib/kea`
}

/**
 * Whether this process is the Kea whose configuration lies in that folder: process ids are used again, and anybody can call
 * a process of theirs by Kea's name, even with a folder of ours in a mount namespace of theirs. So it has to run the program
 * itself, as the user that guestnet runs Kea as, or as root, which former versions did; and only root may have written
 * what it reads.
 */
export function isKeaAt(pid: number, { etc, daemon }: Pick<SlotFiles, 'etc' | 'daemon'>): boolean {
  try {
    if (pid <= 1) return false
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const seen = statSync(`/proc/${pid}/root/etc/kea`)
    const ours = statSync(etc)
    return (
      !/^State:\s+Z/m.test(status) &&
      isKeaUser(status) &&
      seen.dev === ours.dev &&
      seen.ino === ours.ino &&
      ours.uid === 0 &&
      (ours.mode & 0o022) === 0 &&
      programOf(pid) === daemon.program
    )
  } catch {
    return false
  }
}

/** Whether all user ids of a process, as /proc/PID/status tells them, are root's or those of Kea's own user. */
function isKeaUser(status: string): boolean {
  const [, ...uids] = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(status) ?? []
  const allowed = [0, userNamed(KEA_USER)?.uid]
  return allowed.some(uid => uid !== undefined && uids.length === 4 && uids.every(own => Number(own) === uid))
}

/** The name of the file that a process runs; that of a package that was upgraded meanwhile counts as well. */
function programOf(pid: number): string {
  return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
}

/** Ends a Kea: politely, and after two seconds for good. A stopped one does not hear a polite request. */
export async function endKea(pid: number, files: Pick<SlotFiles, 'etc' | 'daemon'>): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = performance.now() + 2000
    if (isKeaAt(pid, files)) kill(pid, signal)
    while (isKeaAt(pid, files) && performance.now() < deadline) await delay(10)
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between the look and the signal, which is what was wanted.
  }
}

/** The process of a slot's Kea, by Kea's own pid file, written when it starts; `undefined` if there is none. */
export function pidIn(files: SlotFiles): number | undefined {
  const file = readText(files.pidFile)
  const pid = file.ok ? Number.parseInt(file.text, 10) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 1 && isKeaAt(pid, files) ? pid : undefined
}
