import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { attempt, run } from './process.ts'

/**
 * guestnet as it was at a commit, built from the history of this checkout, with the libraries of today: the path of its one
 * file; `undefined` where there is no history, as in an archive of the sources or a shallow clone. Built once for a commit.
 */
export async function formerGuestnet(commit: string): Promise<string | undefined> {
  // Nobody else can write there, as in the folder for temporary files.
  const cache = resolve('node_modules', '.cache')
  const built = join(cache, `guestnet-former-${commit.slice(0, 12)}`)
  const program = join(built, 'dist', 'guestnet.js')
  if (existsSync(program)) return program
  // A bare machine has not even git.
  const { exitCode } = await attempt(['sh', '-c', 'git cat-file -e "$1"', 'sh', `${commit}^{commit}`])
  if (exitCode !== 0) return undefined
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(`${built}-`)
  await run(['sh', '-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, folder])
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  await run(['sh', '-c', 'cd "$1" && exec node scripts/build.mjs', 'sh', folder])
  try {
    renameSync(folder, built)
  } catch {
    // Somebody else has built it meanwhile.
    rmSync(folder, { recursive: true, force: true })
  }
  return program
}
