import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Change } from '../core/change.ts'
import { readText } from '../os/files.ts'
import { leaseHolders, readConfig } from './config.ts'
import { isAnswering, packetsReceived } from './control.ts'
import { type SlotFolders, slotFolders } from './directories.ts'
import { PATIENCE } from './health.ts'
import { handOver } from './leases.ts'
import { endKea, isKeaAt } from './process.ts'

type Retirement = Extract<Change, { kind: 'server-retire' }>

/**
 * The Keas that requests no longer go to. Each ends in the background: first it answers what it has taken, then its newest
 * leases go to its successor.
 */
export class Retirements {
  readonly #runDir: string
  readonly #underWay = new Map<number, Promise<void>>()

  constructor(runDir: string) {
    this.#runDir = runDir
  }

  /** Whether this slot's Kea is about to end. */
  has(slot: number): boolean {
    return this.#underWay.has(slot)
  }

  begin(change: Retirement): void {
    if (this.has(change.slot)) return
    const work = this.#retire(change).finally(() => this.#underWay.delete(change.slot))
    this.#underWay.set(change.slot, work)
  }

  /** Waits until a slot's Kea, if it is to end, has ended. */
  async ended(slot: number): Promise<void> {
    await this.#underWay.get(slot)
  }

  /** Waits until all of them have. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #retire({ slot, pid, successor }: Retirement): Promise<void> {
    const folders = slotFolders(this.#runDir, slot)
    if (isKeaAt(pid, folders.etc) && (await isAnswering(folders.socket, PATIENCE))) {
      await this.#handOverLeases(folders, successor)
    }
    await endKea(pid, folders.etc)
    rmSync(folders.configFile, { force: true })
  }

  async #handOverLeases(folders: SlotFolders, successor: number | undefined): Promise<void> {
    try {
      await drained(folders.socket)
      if (successor === undefined) return
      const heir = slotFolders(this.#runDir, successor)
      const file = readText(heir.configFile)
      const offers = file.ok ? (readConfig(file.text)?.offers ?? []) : []
      await handOver(folders.socket, heir.socket, leaseHolders(offers))
    } catch {
      // One of them ended meanwhile. The lease costs nothing but its date: the guest's next renewal makes it again.
    }
  }
}

/** Waits until a Kea takes no more messages: two looks in a row count the same. At most a second. */
async function drained(socket: string): Promise<void> {
  let before = -1
  for (let look = 0; look < 20; look++) {
    const now = await packetsReceived(socket)
    if (now === before) return
    before = now
    await delay(50)
  }
}
