import { type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'
import { statOf } from '../os/files.ts'

/** Of a watch that hears nothing any more. */
const ENDED = ''

/** Files that are renamed onto the real one when they are whole, which tells. */
const TEMPORARY = /\.tmp(?:\.\d+)?$/

/**
 * Watches folders by inotify(7), and again when a folder appears, or another one takes its place.
 *
 * Trap: with a file system its watches end (IN_UNMOUNT), and the next one may get the same device number and the same inode
 * numbers, as when pmxcfs is restarted: nothing but that last event tells. The kernel gives a number anew only after it.
 */
export class FolderWatch {
  readonly #onChange: (folder: string) => void
  readonly #watchers = new Map<string, { watcher: FSWatcher; identity: string }>()

  constructor(onChange: (folder: string) => void) {
    this.#onChange = onChange
  }

  /** Watches exactly these folders from now on, as far as they exist. Cheap enough for every second. */
  keep(folders: readonly string[]): void {
    const wanted = new Set(folders)
    for (const folder of this.#watchers.keys()) if (!wanted.has(folder)) this.#close(folder)
    for (const folder of wanted) this.#renew(folder)
  }

  stop(): void {
    for (const folder of this.#watchers.keys()) this.#close(folder)
  }

  #renew(folder: string): void {
    const stat = statOf(folder)
    const identity = stat && `${stat.dev}:${stat.ino}`
    const current = this.#watchers.get(folder)
    if (current?.identity === identity) return
    this.#close(folder)
    if (identity === undefined) {
      if (current) this.#onChange(folder)
      return
    }
    try {
      const watcher = watch(folder, (kind, name) => {
        // What is not about a file in the folder Node tells by the name of the folder itself: it is moved, or gone.
        if (kind === 'rename' && name === basename(folder))
          this.#watchers.set(folder, { watcher, identity: ENDED })
        if (name === null || !TEMPORARY.test(name)) this.#onChange(folder)
      })
      watcher.on('error', () => this.#close(folder))
      this.#watchers.set(folder, { watcher, identity })
      // What happened before the watch began was not seen.
      this.#onChange(folder)
    } catch {
      // No inotify here or too many watches: the poll and the full look still see everything.
    }
  }

  #close(folder: string): void {
    this.#watchers.get(folder)?.watcher.close()
    this.#watchers.delete(folder)
  }
}
