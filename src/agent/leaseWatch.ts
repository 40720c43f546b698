import { type Lease, leaseKeyOf } from '../core/dhcp/lease.ts'
import { addressOf } from '../core/dhcp/offer.ts'
import { describeNic } from '../core/guest/names.ts'
import { type Report, slotsOf } from '../core/report/report.ts'
import { memoOf } from '../core/values/memo.ts'
import type { KeaServers } from '../kea/servers.ts'
import { FolderWatch } from './folderWatch.ts'
import type { Timeline } from './timeline.ts'

/** Milliseconds that lease news wait for others: a node full of guests that renew is no news each. */
const SETTLE = 200

/** How many times as long as it takes to note them, at least: guests that lease all the time get a share of the agent. */
const SHARE = 20

/** What is known of leases: how many there are, and why they could not be kept where a reboot spares them. */
export interface LeasesKnown {
  readonly count: number | undefined
  readonly failure: string | undefined
}

export interface LeaseWatchOptions {
  readonly keas: Pick<KeaServers, 'leaseFolder' | 'leaseNews' | 'leases'>
  readonly timeline: Timeline
  /** The last report; `undefined` before the first. */
  readonly report: () => Report | undefined
  readonly tell: (known: LeasesKnown) => void
  /** The leases, by `leaseKeyOf`, that something waits for; `came` is called when one of them is there. */
  readonly awaited: () => ReadonlySet<string>
  readonly came: () => void
}

/** Tells of leases as the Keas write them down, some together. */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions
  readonly #folders = new FolderWatch(() => this.#changed())
  #timer: NodeJS.Timeout | undefined
  #leases: readonly Lease[] | undefined
  #told: LeasesKnown = { count: undefined, failure: undefined }
  /** Milliseconds that the last news took. */
  #took = 0

  constructor(options: LeaseWatchOptions) {
    this.#options = options
  }

  /** Takes what is leased by now as known. Where a Kea cannot be asked, nothing is known. */
  async remember(report: Report): Promise<void> {
    const { keas, timeline } = this.#options
    const leases: Lease[] | undefined = await keas.leases(slotsOf(report)).catch(() => undefined)
    timeline.rememberLeases(leases ?? [])
    this.#tell({ count: leases?.length, failure: undefined })
  }

  /** Watches the Keas of this report, and no others. */
  keep(report: Report): void {
    const folders = slotsOf(report).map(slot => this.#options.keas.leaseFolder(slot))
    this.#folders.keep(folders.filter(folder => folder !== undefined))
    // Something else may be awaited now, which has been there for a moment: the next that Kea writes is looked at in any case.
    this.#leases = undefined
  }

  stop(): void {
    this.#folders.stop()
    clearTimeout(this.#timer)
  }

  #changed(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        const begun = performance.now()
        this.#note()
        this.#took = performance.now() - begun
      },
      Math.max(SETTLE, SHARE * this.#took),
    )
  }

  #note(): void {
    const { keas, timeline, awaited, came } = this.#options
    const report = this.#options.report()
    if (!report) return
    const { leases, failure } = keas.leaseNews(slotsOf(report))
    // Most of what Kea writes is what it is asked for to see whether it is well.
    if (leases === this.#leases && failure === this.#told.failure) return
    this.#leases = leases
    const keys = awaited()
    if (keys.size > 0 && leases.some(lease => keys.has(leaseKeyOf(lease)))) came()
    const { byKey, byMac } = ownersIn(report)
    const changes = timeline.noteLeases(leases, lease => {
      const offer = byKey.get(leaseKeyOf(lease)) ?? byMac.get(lease.mac)
      return offer && { name: describeNic(offer), vmid: offer.vmid }
    })
    // Leases that are only renewed are in the timeline, and in the next report.
    if (changes || leases.length !== this.#told.count || failure !== this.#told.failure)
      this.#tell({ count: leases.length, failure })
  }

  #tell(known: LeasesKnown): void {
    this.#told = known
    this.#options.tell(known)
  }
}

/** Whose a lease is: by address and hardware address, or at least by the latter. */
const ownersIn = memoOf(({ nics }: Report) => {
  const offers = nics.flatMap(({ offer }) => offer ?? [])
  return {
    byKey: new Map(offers.map(offer => [leaseKeyOf({ address: addressOf(offer), mac: offer.mac }), offer])),
    byMac: new Map(offers.map(offer => [offer.mac, offer])),
  }
})
