import { readText } from './files.ts'

/** Whether there is a process of this number that has not ended: one that has, and that nobody waited for, is a zombie (proc_pid_stat(5)). */
export function isRunning(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`)
  // The program's name comes before, and may hold anything.
  return stat.ok && !/^\) [ZX] /.test(stat.text.slice(stat.text.lastIndexOf(')')))
}
