import { createHash } from 'node:crypto'
import type { BirdFiles } from '../core/announcing/target.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { REVISION } from './names.ts'

/** Tells texts apart, for asking BIRD which it has in force. */
export function revisionOf({ config, guests4, guests6 }: BirdFiles): string {
  return digestOf(config, guests4, guests6)
}

/** Found once while they say the same. */
const digestOf = memoOfLast((...texts: readonly string[]) => {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex').slice(0, 32)
})

/** The file that makes the revision a constant of BIRD's (BIRD User's Guide, "define"). */
export function renderRevision(files: BirdFiles): string {
  return `define ${REVISION} = "${revisionOf(files)}";\n`
}
