import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readdirOrNothing } from './namespace.ts'

/** The daemons that an agent starts and that keep a pid file of their own. */
export const DAEMONS = ['kea-dhcp4', 'kea-dhcp6', 'bird'] as const
export type Daemon = (typeof DAEMONS)[number]

/** Pids of a node's daemons of one kind that run, by their own pid files. */
export function daemonPids(runDir: string, daemon: Daemon): number[] {
  const slots = join(runDir, 'kea')
  const files =
    daemon === 'bird'
      ? [join(runDir, 'bird', 'bird.pid')]
      : readdirOrNothing(slots).map(slot => join(slots, slot, 'run', `${daemon}.${daemon}.pid`))
  return files.flatMap(file => {
    try {
      const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
      // A daemon that was killed leaves its file, and its number may be another program's by now.
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(daemon) ? [pid] : []
    } catch {
      return []
    }
  })
}

/** Kills a process that may have ended meanwhile. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
