import { type ApplyContext, applyEach, type ChangeOf, type Driver, type Failures } from '../core/driver.ts'
import type { Links } from '../core/node/link.ts'
import { assertNever } from '../core/values/brand.ts'
import type { Result } from '../core/values/result.ts'
import { createSlot, nameSlot, observeSlots, removeSlot, type SlotNetwork } from './slots.ts'

/** What slots are looked at with. */
export interface AskedSlots {
  readonly links: Links
  /** Slots that are looked at whether they have a namespace or not. */
  readonly known: readonly number[]
}

/** The places of Keas: namespaces, and veth pairs into them. */
export class SlotDriver implements Driver<'slots', readonly SlotNetwork[], AskedSlots> {
  readonly #instance: string

  constructor(instance: string) {
    this.#instance = instance
  }

  async observe({ links, known }: AskedSlots): Promise<readonly SlotNetwork[]> {
    return observeSlots(this.#instance, links, known)
  }

  async apply(changes: readonly ChangeOf<'slots'>[], { before }: ApplyContext): Promise<Failures> {
    return await applyEach(changes, change => this.#carryOut(change, before.links))
  }

  /** Makes a slot; `links`: as they were looked at. */
  async create(slot: number, links: Links): Promise<Result> {
    return await createSlot(this.#instance, slot, links)
  }

  #carryOut(change: ChangeOf<'slots'>, links: Links): Promise<Result> {
    switch (change.kind) {
      case 'slot-create':
        return this.create(change.slot, links)
      case 'slot-name':
        return nameSlot(this.#instance, change.slot, change.pid)
      case 'slot-remove':
        return removeSlot(this.#instance, change.slot, links)
      default:
        return assertNever(change)
    }
  }
}
