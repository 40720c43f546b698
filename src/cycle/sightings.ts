import type { HolderRecord, HolderRecords } from '../core/ruling/record.ts'
import type { Sightings } from '../core/ruling/sightings.ts'

/** What is seen in one run of the line. */
export interface Sighting {
  readonly running: Iterable<number>
  readonly inUse: Iterable<string>
  readonly open: readonly string[]
  /** Who holds what, as it is written down. */
  readonly records: HolderRecords
  /** Whether anything could have been written down by anybody. */
  readonly quorate: boolean
}

/** Seconds after which a sighting is of no use to any policy. */
const LONGEST = 86_400

/** Remembers sightings for as long as the agent runs; a clock that is set back makes nothing older than it is. */
export class SightingsMemory implements Sightings {
  readonly #clock: () => number
  readonly lookingSince: number
  readonly #seen = new Map<number, number>()
  readonly #inUse = new Map<string, number>()
  #open = new Map<string, number>()
  #records = new Map<string, { readonly record: HolderRecord; readonly since: number }>()

  constructor(clock: () => number = monotonicSeconds()) {
    this.#clock = clock
    this.lookingSince = clock()
  }

  get now(): number {
    return this.#clock()
  }

  lastSeen = (vmid: number): number | undefined => this.#seen.get(vmid)
  lastInUse = (lease: string): number | undefined => this.#inUse.get(lease)
  recordSeen = (place: string, record: HolderRecord): number | undefined => {
    const known = this.#records.get(place)
    return known && isSame(known.record, record) ? known.since : undefined
  }
  openSince = (place: string): number | undefined => this.#open.get(place)

  note({ running, inUse, open, quorate, records }: Sighting): void {
    const { now } = this
    this.#records = new Map(
      [...records].flatMap(([place, record]) =>
        typeof record === 'object'
          ? [[place, { record, since: this.recordSeen(place, record) ?? now }] as const]
          : [],
      ),
    )
    for (const vmid of running) this.#seen.set(vmid, now)
    for (const lease of inUse) this.#inUse.set(lease, now)
    for (const [vmid, at] of this.#seen) if (now - at > LONGEST) this.#seen.delete(vmid)
    for (const [lease, at] of this.#inUse) if (now - at > LONGEST) this.#inUse.delete(lease)
    // What nobody could write down, nobody has left unwritten.
    this.#open = new Map(open.map(place => [place, (quorate ? this.#open.get(place) : undefined) ?? now]))
  }
}

/** Whether it was written at the same time for the same NIC. */
function isSame(a: HolderRecord, b: HolderRecord): boolean {
  return a.vmid === b.vmid && a.nic === b.nic && a.node === b.node && a.since === b.since
}

/** Unix seconds at its beginning, and from then on by a clock that nobody sets. */
function monotonicSeconds(): () => number {
  const begun = Date.now() / 1000 - performance.now() / 1000
  return () => Math.floor(begun + performance.now() / 1000)
}
