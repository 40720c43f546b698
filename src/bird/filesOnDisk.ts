import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import type { BirdFiles } from '../core/announcing/target.ts'
import { readText, writeAtomically } from '../os/files.ts'
import { FileTexts } from '../os/fileTexts.ts'
import { userNamed } from '../os/unprivileged.ts'
import type { BirdPaths } from './paths.ts'
import { renderRevision } from './revision.ts'

/** The user whom Debian's package bird2 makes, and whom its own unit runs BIRD as. */
export const BIRD_USER = 'bird'

/** Only root and BIRD may read what holds the sessions' passwords, and only root may write it. */
const FILE_MODE = 0o640

/** BIRD makes its socket and its log in the folder, and must not replace what root wrote there: hence the sticky bit. */
const FOLDER_MODE = 0o1770

/** The files as they are; `undefined` unless all of them are there. `texts`: what remembers them between two looks. */
export function readFiles(paths: BirdPaths, texts = new FileTexts()): BirdFiles | undefined {
  const config = texts.read(paths.config)
  const guests4 = texts.read(paths.guests4)
  const guests6 = texts.read(paths.guests6)
  if (!config.ok || !guests4.ok || !guests6.ok) return undefined
  return { config: config.text, guests4: guests4.text, guests6: guests6.text }
}

/** Writes what is not there yet. Throws if the file system refuses. */
export function writeFiles(paths: BirdPaths, files: BirdFiles): void {
  const gid = userNamed(BIRD_USER)?.gid ?? 0
  mkdirSync(paths.folder, { recursive: true, mode: 0o750 })
  chownSync(paths.folder, 0, gid)
  chmodSync(paths.folder, FOLDER_MODE)
  for (const name of ['config', 'guests4', 'guests6'] as const) {
    const present = readText(paths[name])
    if (!present.ok || present.text !== files[name]) writeAtomically(paths[name], files[name], FILE_MODE, gid)
  }
  writeAtomically(paths.revision, renderRevision(files), FILE_MODE, gid)
}

/** Puts former files back; where there were none, no configuration is left. Throws if the file system refuses. */
export function restoreFiles(paths: BirdPaths, former: BirdFiles | undefined): void {
  if (former === undefined) rmSync(paths.config, { force: true })
  else writeFiles(paths, former)
}
