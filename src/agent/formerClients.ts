import type { FormerClients } from '../kea/formerClients.ts'
import { FolderWatch } from './folderWatch.ts'

/** Milliseconds that what Kea refuses waits for more of it: a guest asks again after a second (RFC 8415, section 7.6). */
const SETTLE = 200

/** Makes room for guests whose address is leased to who they were before, as soon as Kea refuses them. */
export class FormerClientWatch {
  readonly #clients: FormerClients
  readonly #folders: FolderWatch
  #slots: readonly number[] = []
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(clients: FormerClients) {
    this.#clients = clients
    this.#folders = new FolderWatch(() => this.#ring())
  }

  /** Watches the Keas of these slots from now on. */
  keep(slots: readonly number[]): void {
    this.#slots = slots
    this.#folders.keep(slots.flatMap(slot => this.#clients.logFolder(slot) ?? []))
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#folders.stop()
  }

  #ring(): void {
    if (this.#isStopped) return
    this.#timer ??= setTimeout(() => void this.#makeRoom(), SETTLE)
  }

  async #makeRoom(): Promise<void> {
    await this.#clients.makeRoom(this.#slots)
    this.#timer = undefined
  }
}
