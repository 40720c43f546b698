import {
  type RouterPlace,
  routersToSeek,
  type SoughtRouter,
  type ToldRouter,
} from '../core/advertising/router.ts'
import { deviceOf } from '../core/announcing/networkOnDevice.ts'
import type { Links } from '../core/node/link.ts'
import type { AnnouncedNetwork } from '../core/policy/announce.ts'
import { networkFor } from '../core/policy/announced.ts'
import { groupBy } from '../core/values/collection.ts'
import { describeNetwork } from '../core/values/network.ts'
import { seekRouters } from '../probe/routerProbe.ts'

/**
 * Milliseconds until a router is asked for again: sooner where it was not found, as it may be starting, each time twice as many;
 * else as often as routers advertise themselves.
 */
const AGAIN = { sooner: 120_000, usual: 600_000 }

/** Programs that ask at the same time: each takes a second and a half. */
const AT_ONCE = 4

/** Links that one of them asks on, at most: it holds what comes in by all of them. */
const LINKS_TOGETHER = 50

/** Routers that are asked for together, on one link. */
const TOGETHER = 50

export interface RouterSearchOptions {
  /** By `routerKey`: what everybody else looks at. */
  readonly sought: Map<string, SoughtRouter>
  /** Told when something else is known than before. */
  readonly tell: () => void
}

/** What tells which link of the node leads into a network. */
export interface Surroundings {
  readonly links: Links
  readonly announced?: readonly AnnouncedNetwork[] | undefined
}

/** A router that is asked for from time to time. */
interface Quest {
  readonly key: string
  readonly place: RouterPlace
  /** On the clock of `performance.now`. */
  dueAt: number
  /** Milliseconds between the last two questions. */
  pause: number
}

/** Asks networks for those routers that guests have by a global address: at once, and from time to time. */
export class RouterSearch {
  readonly #options: RouterSearchOptions
  readonly #quests = new Map<string, Quest>()
  readonly #asking = new Set<string>()
  #programs = 0
  #surroundings: Surroundings = { links: new Map() }
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: RouterSearchOptions) {
    this.#options = options
  }

  /** Asks for the routers of guests that are told this, from now on, and for no others. */
  keep(told: readonly ToldRouter[], surroundings: Surroundings): void {
    this.#surroundings = surroundings
    const wanted = routersToSeek(told)
    for (const key of this.#quests.keys()) {
      if (wanted.has(key)) continue
      this.#quests.delete(key)
      this.#options.sought.delete(key)
    }
    for (const [key, place] of wanted) {
      if (!this.#quests.has(key)) this.#quests.set(key, { key, place, dueAt: 0, pause: AGAIN.sooner / 2 })
    }
    this.#next()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Asks on all links where a router is due, and comes back when the next one is. */
  #next(): void {
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    const quests = [...this.#quests.values()]
    const due = groupBy(
      quests.filter(({ dueAt }) => dueAt <= performance.now()),
      ({ place }) => this.#deviceOf(place),
    )
    const free = [...due].filter(([device]) => !this.#asking.has(device)).slice(0, LINKS_TOGETHER)
    if (free.length > 0 && this.#programs < AT_ONCE)
      void this.#ask(new Map(free.map(([device, those]) => [device, those.slice(0, TOGETHER)])))
    const soonest = Math.min(...quests.map(({ dueAt }) => dueAt).filter(dueAt => dueAt > performance.now()))
    if (soonest !== Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#next(), soonest - performance.now())
  }

  /** Asks for the routers of these quests, by link. */
  async #ask(byDevice: ReadonlyMap<string, readonly Quest[]>): Promise<void> {
    for (const device of byDevice.keys()) this.#asking.add(device)
    this.#programs++
    const { links } = this.#surroundings
    const searches = [...byDevice].flatMap(([device, quests]) =>
      links.has(device) ? [{ device, gateways: [...new Set(quests.map(({ place }) => place.gateway))] }] : [],
    )
    const answers = await seekRouters(searches)
    this.#programs--
    for (const device of byDevice.keys()) this.#asking.delete(device)
    const news = [...byDevice].flatMap(([device, quests]) =>
      quests.filter(quest => {
        const { network, gateway } = quest.place
        const failure = `the node has no link in ${describeNetwork(network)} to ask it from`
        return this.#note(quest, answers.get(device)?.get(gateway) ?? { failure })
      }),
    )
    if (news.length > 0) this.#options.tell()
    this.#next()
  }

  #deviceOf({ network }: RouterPlace): string {
    const { links, announced = [] } = this.#surroundings
    const named = networkFor({ networks: announced }, network)
    return deviceOf(named ?? { ...network, prefixes: [] }, links)
  }

  /**
   * Whether something else is known now. A router that is silent for a while stays known: guests that were told of it find out
   * themselves.
   */
  #note(quest: Quest, answer: SoughtRouter): boolean {
    quest.pause = 'address' in answer ? AGAIN.usual : Math.min(2 * quest.pause, AGAIN.usual)
    quest.dueAt = performance.now() + quest.pause
    if (this.#quests.get(quest.key) !== quest) return false
    const { sought } = this.#options
    const former = sought.get(quest.key)
    if (former && 'address' in former && 'failure' in answer) return false
    sought.set(quest.key, answer)
    return JSON.stringify(former) !== JSON.stringify(answer)
  }
}
