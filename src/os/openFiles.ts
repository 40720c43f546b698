import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a process has something open, told as proc_pid_fd(5) does: a path, `socket:[INODE]`. A process that is gone has not. */
export function hasOpen(pid: number, target: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).some(file => readlinkSync(join(folder, file)) === target)
  } catch {
    // It, or one of its files, is gone.
    return false
  }
}
