import { mkdirSync, readFileSync, renameSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file's text, or why there is none. */
export type ReadResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly absent: boolean; readonly reason: string }

/**
 * Reads a whole file as text. pmxcfs makes its virtual files when asked for their attributes and the kernel remembers
 * the size for a second, so the file is read as a Buffer (which asks first) and to its end, whatever size it claims.
 */
export function readText(path: string, decode = utf8): ReadResult {
  try {
    return { ok: true, text: decode(readFileSync(path)) }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return { ok: false, absent: code === 'ENOENT' || code === 'ENOTDIR', reason: message }
  }
}

function utf8(bytes: Buffer): string {
  return bytes.toString('utf8')
}

/** Replaces a file so that a reader sees the old text or the new, and a crash leaves one of them. */
export function writeAtomically(path: string, text: string, mode = 0o640): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.tmp.${process.pid}`
  writeFileSync(temporary, text, { mode })
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

/** Milliseconds after which a file that lost its end is taken at its word; pmxcfs counts whole seconds. */
const WRITING_MS = 2000

/** Whether a file seems to be half written: one written in place is, for a moment, only the beginning of what it was. */
export function isBeingWritten(path: string, text: string, before: string): boolean {
  if (text.length >= before.length || !before.startsWith(text)) return false
  const stat = statOf(path)
  return stat !== undefined && Math.abs(Date.now() - stat.mtimeMs) < WRITING_MS
}

export function exists(path: string): boolean {
  return statOf(path) !== undefined
}
