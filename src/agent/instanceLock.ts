import { spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../core/node/settings.ts'
import { exists, statOf } from '../os/files.ts'
import { formerHolder } from './formerLock.ts'

/** Where run directories are by default, each by the name of its instance. */
const RUN = '/run'

/** Tries to lock a file that another process is just removing. */
const TRIES = 20

/**
 * Takes an instance for as long as this process lives, whatever its end. Returns false if another process has it. Throws
 * where that cannot be told: a run directory that others can write to, or that cannot be made.
 *
 * The lock is flock(2) on a file that only root can open. Node has no flock; but a lock belongs to the open file and not to
 * the process, so flock(1) is given the open file, locks it and ends, and the kernel lets go when this process is gone: the
 * programs it starts do not inherit the file (O_CLOEXEC).
 */
export async function takeInstance({ name, runDir }: Pick<Settings, 'name' | 'runDir'>): Promise<boolean> {
  if (!(await lockIn(runDir))) return false
  // One of this name with another run directory would work on the same table and namespaces.
  const usual = join(RUN, name)
  if (usual !== runDir && exists(lockFile(usual)) && !(await lockIn(usual))) return false
  return formerHolder(name) === undefined
}

function lockFile(folder: string): string {
  return join(folder, 'lock')
}

async function lockIn(folder: string): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    if (!isRootsOnly(folder)) throw new Error(`${folder} must be root's, and nobody else may write to it`)
    const file = open(lockFile(folder))
    if (file === undefined) continue
    const isTaken = await lock(file)
    if (isTaken && isStill(file, lockFile(folder))) return true
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
