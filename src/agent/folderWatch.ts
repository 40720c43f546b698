import { type FSWatcher, watch } from 'node:fs'
import { statOf } from '../os/files.ts'

/** Files that are renamed onto the real one when they are whole, which tells. */
const TEMPORARY = /\.tmp(?:\.\d+)?$/

/** Watches folders by inotify(7), and again when a folder appears, or another one takes its place. */
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
      const watcher = watch(folder, (_, name) => {
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
