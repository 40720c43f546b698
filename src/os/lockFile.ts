import { spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { statOf } from './files.ts'

/** Tries to lock a file that another process is just removing. */
const TRIES = 20

/**
 * Locks a file, which is made with its folder, for as long as this process lives, whatever its end. Returns false if another
 * process has it. Throws where that cannot be told: a folder that others can write to, or that cannot be made.
 *
 * The lock is flock(2) on a file that only root can open. Node has no flock; but a lock belongs to the open file and not to
 * the process, so flock(1) is given the open file, locks it and ends, and the kernel lets go when this process is gone: the
 * programs it starts do not inherit the file (O_CLOEXEC).
 */
export async function takeLock(path: string): Promise<boolean> {
  const folder = dirname(path)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    if (!isRootsOnly(folder)) throw new Error(`${folder} must be root's, and nobody else may write to it`)
    const file = open(path)
    if (file === undefined) continue
    const isTaken = await lock(file)
    if (isTaken && isStill(file, path)) return true
    closeSync(file)
    if (!isTaken) return false
  }
  throw new Error(`${folder} is removed again and again`)
}

/** `undefined` where its folder has just been removed. A file that is there can be opened although nothing can be written. */
function open(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether the lock of an open file could be had. Throws where flock(1) does not tell. */
function lock(file: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'ignore', 'ignore', file] as const
    const child = spawn('flock', ['--exclusive', '--nonblock', '3'], { stdio: [...stdio] })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0 || code === 1) resolve(code === 0)
      else reject(new Error(`flock ended with ${signal ?? `exit status ${code}`}`))
    })
  })
}

/** Whether an open file is the one at its path, and not one that a teardown has removed meanwhile. */
function isStill(file: number, path: string): boolean {
  const now = statOf(path)
  const locked = fstatSync(file)
  return now !== undefined && now.dev === locked.dev && now.ino === locked.ino
}

function isRootsOnly(folder: string): boolean {
  const stat = statOf(folder)
  return stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0
}
