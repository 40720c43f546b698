import { readdirSync, readFileSync } from 'node:fs'
import { monotonicMs } from '../lab/wire.ts'
import { sum } from './statistics.ts'

/** Memory in MB (of 1,000,000 bytes), summed over processes. */
export interface Memory {
  /** Proportional: what is shared is divided among those that share it. */
  readonly pss: number
  /** Resident: what is shared counts in each of them. */
  readonly rss: number
  /** What no other process has. */
  readonly own: number
}

/** A process and everything it started, directly or not, that still runs. */
export function familyOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const { pid: child, parent } of everyProcess()) {
    children.set(parent, [...(children.get(parent) ?? []), child])
  }
  const family = [pid]
  for (const member of family) family.push(...(children.get(member) ?? []))
  return family
}

/** The name of a process's program: `kea-dhcp4`. */
export function programOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

/**
 * From smaps, proc_pid_smaps(5). The benchmark is a Node.js program too, and shares its executable with what it
 * measures, which on a real node nobody does: that one mapping counts in full.
 */
export function memoryOf(pids: readonly number[]): Memory {
  const all = pids.flatMap(pid => mappingsIn(smapsOf(pid)))
  const megabytes = (of: (mapping: Mapping) => number) => (sum(all.map(of)) * 1024) / 1e6
  return {
    pss: megabytes(({ path, pss, rss }) => (path === process.execPath ? rss : pss)),
    rss: megabytes(({ rss }) => rss),
    own: megabytes(({ own }) => own),
  }
}

/** Milliseconds of a core. */
export interface CpuTime {
  /** Of a process and of those of its children that have ended. */
  readonly itself: number
  /** Of everything it started that still runs. */
  readonly others: number
}

/** What a process and its family took until now. */
export function cpuOf(root: number): CpuTime {
  const [, ...others] = familyOf(root)
  return {
    itself: sum(timesOf(root)) * MS_PER_TICK,
    others: sum(others.flatMap(pid => timesOf(pid).slice(0, 2))) * MS_PER_TICK,
  }
}

/** What a process and its family took while something was done, and how long that was, in milliseconds. */
export interface Spent extends CpuTime {
  readonly elapsed: number
}

export async function spentDuring(root: number, act: () => Promise<unknown>): Promise<Spent> {
  const [before, begun] = [cpuOf(root), monotonicMs()]
  await act()
  const [after, elapsed] = [cpuOf(root), monotonicMs() - begun]
  return { itself: after.itself - before.itself, others: after.others - before.others, elapsed }
}

/** Milliseconds of a core that children of a process took, and theirs, that have ended. */
export function cpuOfEnded(pid: number): number {
  return sum(timesOf(pid).slice(2)) * MS_PER_TICK
}

/** sysconf(3), _SC_CLK_TCK: 100 on every Linux that runs Proxmox VE. */
const MS_PER_TICK = 10

interface Mapping {
  readonly path: string
  /** kB of 1024 bytes. */
  readonly pss: number
  readonly rss: number
  readonly own: number
}

/** Nothing if the process has ended, as those do that an agent starts for a moment. */
function smapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps`, 'utf8')
  } catch {
    return ''
  }
}

function mappingsIn(smaps: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).map(text => {
    const field = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
    const [, path = ''] = /^\S+ \S+ \S+ \S+ \d+ +(\/.*)$/m.exec(text) ?? []
    return {
      path,
      pss: field('Pss'),
      rss: field('Rss'),
      own: field('Private_Clean') + field('Private_Dirty'),
    }
  })
}

/** utime, stime, cutime, cstime: fields 14 to 17 of proc_pid_stat(5). */
function timesOf(pid: number): number[] {
  return statOf(pid).slice(11, 15).map(Number)
}

function everyProcess(): { pid: number; parent: number }[] {
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .map(name => ({ pid: Number(name), parent: Number(statOf(Number(name))[1] ?? 0) }))
}

/** The fields after the program's name, which may itself hold blanks and brackets; none if the process is gone. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
