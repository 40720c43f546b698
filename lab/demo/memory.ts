import { readdirSync, readFileSync } from 'node:fs'

/** A process and all its descendants. */
export function familyOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .map(name => ({ pid: Number(name), parent: parentOf(Number(name)) }))
  const family = [pid]
  // Grows while it is walked.
  for (const member of family)
    family.push(...parents.filter(({ parent }) => parent === member).map(child => child.pid))
  return family
}

/** Memory in MB: its own pages and its share of those it has in common with others (proc_pid_smaps(5), `Pss`). */
export function megabytesOf(pids: readonly number[]): number {
  const kilobytes = pids.map(pid => Number(/^Pss:\s+(\d+)/m.exec(readOr('', pid, 'smaps_rollup'))?.[1] ?? 0))
  return kilobytes.reduce((sum, part) => sum + part, 0) / 1024
}

function parentOf(pid: number): number | undefined {
  // The name in parentheses may hold anything, parentheses too.
  const [, parent] = /^.*\) \S (\d+)/s.exec(readOr('', pid, 'stat')) ?? []
  return parent === undefined ? undefined : Number(parent)
}

/** A process may end while one looks at it. */
function readOr(otherwise: string, pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return otherwise
  }
}
