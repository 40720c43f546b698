import { type ReadResult, readText, statOf } from './files.ts'

/**
 * Files that are replaced as a whole when they change (`writeAtomically`), such as a daemon's configuration of some hundred kilobytes:
 * each is read again only when another one has its place, which its number and its times tell (stat(2)). Until then its text is the
 * same value, and what follows from it need not be found again.
 */
export class FileTexts {
  readonly #known = new Map<string, { readonly stamp: string; readonly read: ReadResult }>()

  /** As `readText`. */
  read(path: string): ReadResult {
    const stat = statOf(path)
    const stamp = stat && [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ')
    const known = this.#known.get(path)
    if (known && known.stamp === stamp) return known.read
    const read = readText(path)
    // Between the two looks it may have been replaced.
    if (read.ok && stamp !== undefined && read.inode === stat?.ino) this.#known.set(path, { stamp, read })
    else this.#known.delete(path)
    return read
  }
}
