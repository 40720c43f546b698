import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isAnswering } from './control.ts'
import type { SlotFiles } from './directories.ts'

/**
 * Runs inside the slot's network namespace and a mount namespace of its own (ip-netns(8)); the arguments are the slot's
 * folders and the names of the program, its configuration, its log and its leases. /run, /var/log and /var/lib become empty ones: Kea's folders there appear with the first start of Debian's own
 * service, and should not appear because of us. Leases are written to memory of Kea's own: a full disk would keep it from
 * giving any.
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
exec "$4" -c "/etc/kea/$5" >>"/var/log/kea/$6" 2>&1
`

/**
 * Starts Kea in a slot and waits until it takes messages. It goes on when this process ends.
 * Returns the process, or why it did not come up.
 */
export async function launchKea(
  namespace: string,
  files: SlotFiles,
  timeout = 15_000,
): Promise<{ ok: true; child: ChildProcess } | { ok: false; reason: string }> {
  const { etc, log, run, daemon } = files
  const names = [daemon.program, daemon.configName, daemon.logName, daemon.leasesName]
  const child = spawn('ip', ['netns', 'exec', namespace, 'sh', '-c', LAUNCH, 'sh', etc, log, run, ...names], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', KEA_LOCKFILE_DIR: '/run/lock/kea' },
  })
  child.unref()
  let ended: string | undefined
  child.once('error', error => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    ended = `Kea ended with ${signal ?? `exit status ${code}`}: ${lastLines(files.logFile)}`
  })
  const deadline = performance.now() + timeout
  while (performance.now() < deadline) {
    if (ended !== undefined) return { ok: false, reason: ended }
    if (await isAnswering(files.socket, 1000)) return { ok: true, child }
    await delay(4)
  }
  child.kill('SIGKILL')
  return { ok: false, reason: `Kea did not answer within ${timeout / 1000} s: ${lastLines(files.logFile)}` }
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

/** Whether this process is the Kea whose configuration lies in that folder: process ids are used again. */
export function isKeaAt(pid: number, { etc, daemon }: Pick<SlotFiles, 'etc' | 'daemon'>): boolean {
  try {
    const isZombie = /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    if (pid <= 1 || isZombie) return false
    const seen = statSync(`/proc/${pid}/root/etc/kea`)
    const ours = statSync(etc)
    const isOurs = seen.dev === ours.dev && seen.ino === ours.ino
    return isOurs && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === daemon.program
  } catch {
    return false
  }
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
