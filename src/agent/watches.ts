import { awaitedLeases } from '../core/awaited.ts'
import type { Intent } from '../core/intent.ts'
import type { Observation } from '../core/observation.ts'
import type { Reading } from '../core/reading.ts'
import { type Report, slotsOf } from '../core/report/report.ts'
import { guestsHere } from '../core/ruling/presence.ts'
import type { FormerClients } from '../kea/formerClients.ts'
import { FormerClientWatch } from './formerClients.ts'
import { GuardWatch, type GuardWatchOptions } from './guardWatch.ts'
import { type LeasesKnown, LeaseWatch, type LeaseWatchOptions } from './leaseWatch.ts'
import type { RingReason } from './ringReason.ts'
import { RouterSearch, type RouterSearchOptions } from './routerSearch.ts'
import type { Timeline } from './timeline.ts'

/** What a run of the line found, as far as anything of it is watched. */
interface Found {
  readonly reading: Reading
  readonly observation: Observation
  readonly intent: Intent
  readonly report: Report
}

export interface WatchesOptions {
  readonly drivers: {
    readonly keas: LeaseWatchOptions['keas']
    readonly guard: { readonly drops: GuardWatchOptions['look'] }
    readonly formerClients: FormerClients
    readonly soughtRouters: RouterSearchOptions['sought']
  }
  readonly timeline: Timeline
  /** The last run of the line; `undefined` before the first. */
  readonly last: () => Found | undefined
  readonly tellLeases: (known: LeasesKnown) => void
  /** Something was dropped by the guard, and noted. */
  readonly tellDrops: () => void
  readonly ring: (reason: RingReason) => void
}

/** What happens at what the last run of the line found, and is worth telling: leases, drops, clients of former servers, routers. */
export class Watches {
  readonly #leases: LeaseWatch
  readonly #guard: GuardWatch
  readonly #formerClients: FormerClientWatch
  readonly #routers: RouterSearch

  constructor({ drivers, timeline, last, tellLeases, tellDrops, ring }: WatchesOptions) {
    this.#leases = new LeaseWatch({
      keas: drivers.keas,
      timeline,
      report: () => last()?.report,
      tell: tellLeases,
      awaited: () => {
        const found = last()
        if (!found) return new Set()
        const { guests, node } = found.reading
        return awaitedLeases(guestsHere(guests, node, found.observation.links), found.intent)
      },
      came: () => ring('lease'),
    })
    this.#guard = new GuardWatch({
      look: () => drivers.guard.drops(),
      tell: ({ message, vmid }) => {
        timeline.note('guard', message, vmid)
        tellDrops()
      },
    })
    this.#formerClients = new FormerClientWatch(drivers.formerClients)
    this.#routers = new RouterSearch({
      sought: drivers.soughtRouters,
      tell: () => ring('router sought'),
    })
  }

  /** Takes what is leased by now as known. */
  async remember(report: Report): Promise<void> {
    await this.#leases.remember(report)
  }

  /** Watches what this run found, and nothing else. */
  keep({ report, intent, observation, reading }: Found): void {
    this.#leases.keep(report)
    this.#guard.keep(report.guard)
    this.#formerClients.keep(slotsOf(report))
    this.#routers.keep(intent.advertisements, {
      links: observation.links,
      announced: reading.policy.announce?.networks,
    })
  }

  stop(): void {
    this.#leases.stop()
    this.#guard.keep(undefined)
    this.#formerClients.stop()
    this.#routers.stop()
  }
}
