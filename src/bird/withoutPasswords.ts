import type { BirdFiles } from '../core/announcing/target.ts'

/** The files without the sessions' passwords, for showing them. */
export function withoutPasswords(files: BirdFiles): BirdFiles {
  return { ...files, config: files.config.replace(/^( {2}password ").*(";)$/gm, '$1…$2') }
}
