import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LabNode } from './node.ts'

/** Where the daemons' files are, below an agent's run directory. */
const FOLDERS = ['kea', 'bird', 'advertiser']

/**
 * Hears of each change on a node, as the kernel and the file system tell it, until the lab is closed: an object of
 * ip-monitor(8), a transaction of nft, a file of a daemon. `onChange` is called at once for each.
 */
export class Changes {
  /** Heard so far. */
  count = 0
  readonly #node: LabNode
  readonly #watched = new Set<string>()
  #onChange: (count: number) => void = () => undefined

  private constructor(node: LabNode) {
    this.#node = node
  }

  static watch(node: LabNode): Changes {
    const changes = new Changes(node)
    changes.#hear(['ip', '-o', 'monitor', 'link', 'address', 'route', 'neigh', 'rule'], () => true)
    changes.#hear(['nft', 'monitor'], line => line.startsWith('# new generation'))
    return changes
  }

  /** Calls back with the number of each change from now on, counted from 1. */
  from(onChange: (count: number) => void): void {
    this.#watchFolders()
    this.count = 0
    this.#onChange = onChange
  }

  #heard(): void {
    this.count += 1
    this.#onChange(this.count)
  }

  #hear(command: readonly string[], isChange: (line: string) => boolean): void {
    const [file = '', ...args] = [...this.#node.enter, ...command]
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    const exited = once(child, 'exit')
    this.#node.lab.own(command.join(' '), async () => {
      child.kill('SIGTERM')
      await exited
    })
    createInterface({ input: child.stdout }).on('line', line => {
      if (isChange(line)) this.#heard()
    })
  }

  /** They appear with the first daemon. */
  #watchFolders(): void {
    for (const path of FOLDERS.map(folder => join(this.#node.runDir, folder))) {
      if (this.#watched.has(path) || !existsSync(path)) continue
      this.#watched.add(path)
      const watcher = watch(path, () => this.#heard())
      this.#node.lab.own(`watch of ${path}`, () => watcher.close())
    }
  }
}
