import { readText } from '../os/files.ts'

/**
 * Whether a process has something to do and waits for the CPU or a disk, or is at it (proc(5), states R and D). One that hangs
 * or was stopped waits for nothing of the node's.
 */
export function isWaiting(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`)
  // The program's name comes before, in parentheses, and may have some of its own.
  const state = stat.ok ? stat.text.slice(stat.text.lastIndexOf(')') + 2)[0] : undefined
  return state === 'R' || state === 'D'
}
