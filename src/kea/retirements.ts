import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChangeOf, Driver, Failures } from '../core/driver.ts'
import { readText } from '../os/files.ts'
import { leaseHolders } from './config.ts'
import { isAnswering, statistic } from './control.ts'
import { filesInSlot, type SlotFiles } from './directories.ts'
import { PATIENCE } from './health.ts'
import { handOver } from './leases.ts'
import { endKea, isKeaAt } from './process.ts'
import { readStored } from './stored.ts'

type Retirement = ChangeOf<'retirements'>

/**
 * The Keas that requests no longer go to. Each ends in the background: first it answers what it has taken, then its newest
 * leases go to its successor.
 */
export class Retirements implements Driver<'retirements', ReadonlySet<number>> {
  readonly #runDir: string
  readonly #underWay = new Map<number, Promise<void>>()

  constructor(runDir: string) {
    this.#runDir = runDir
  }

  /** The slots whose Kea is about to end. */
  async observe(): Promise<ReadonlySet<number>> {
    return new Set(this.#underWay.keys())
  }

  /** Whether this slot's Kea is about to end. */
  has(slot: number): boolean {
    return this.#underWay.has(slot)
  }

  /** Begins; `settled` waits for all of them. */
  async apply(changes: readonly Retirement[]): Promise<Failures> {
    for (const change of changes) {
      if (this.has(change.slot)) continue
      const work = this.#retire(change).finally(() => this.#underWay.delete(change.slot))
      this.#underWay.set(change.slot, work)
    }
    return new Map()
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
    const files = filesInSlot(this.#runDir, slot)
    if (!files) return
    if (pid !== undefined && isKeaAt(pid, files)) {
      if (await isAnswering(files.socket, PATIENCE)) await this.#handOverLeases(files, successor)
      await endKea(pid, files)
    }
    rmSync(files.configFile, { force: true })
  }

  async #handOverLeases(files: SlotFiles, successor: number | undefined): Promise<void> {
    try {
      await drained(files)
      const heir = successor === undefined ? undefined : filesInSlot(this.#runDir, successor)
      const file = heir && readText(heir.configFile)
      const stored = file?.ok ? readStored(file.text) : undefined
      if (heir && stored?.kind === 'served') await handOver(files, heir, leaseHolders(stored.served.offers))
    } catch {
      // One of them ended meanwhile. The lease costs nothing but its date: the guest's next renewal makes it again.
    }
  }
}

/** Waits until a Kea takes no more messages: two looks in a row count the same. At most a second. */
async function drained({ socket, daemon }: SlotFiles): Promise<void> {
  let before = -1
  for (let look = 0; look < 20; look++) {
    const now = await statistic(socket, `${daemon.packets}-received`)
    if (now === before) return
    before = now
    await delay(50)
  }
}
