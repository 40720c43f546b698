import {
  closeSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Result } from '../core/values/result.ts'

/** A file's text, and which file it was. */
export interface FileText {
  readonly text: string
  readonly inode: number
}

/** A file's text, or why there is none. */
export type ReadResult = Result<FileText, { absent: boolean }>

/**
 * Reads a whole file as text. pmxcfs makes its virtual files when asked for their attributes and the kernel remembers
 * the size for a second, so the file is read as a Buffer (which asks first) and to its end, whatever size it claims.
 */
export function readText(path: string, decode = utf8): ReadResult {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const { ino: inode } = fstatSync(file)
    return { ok: true, text: decode(readFileSync(file)), inode }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return { ok: false, absent: code === 'ENOENT' || code === 'ENOTDIR', reason: message }
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function utf8(bytes: Buffer): string {
  return bytes.toString('utf8')
}

/**
 * Replaces a file so that a reader sees the old text or the new, and a crash leaves one of them. Nobody else who may write
 * to the folder can turn this aside to another file. `gid`: the group it is to belong to.
 */
export function writeAtomically(path: string, text: string, mode = 0o640, gid?: number): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.tmp.${process.pid}`
  // What a crashed process of the same number left, or somebody put there.
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', mode)
  try {
    writeFileSync(file, text)
    if (gid !== undefined) fchownSync(file, 0, gid)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** A file's attributes; `undefined` if it is not there or cannot be looked at, as below a mount whose server died. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

export function exists(path: string): boolean {
  return statOf(path) !== undefined
}
