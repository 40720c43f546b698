import { isDeepStrictEqual } from 'node:util'
import type { ApplyContext, ChangeOf, Driver, Failures } from '../core/driver.ts'
import type { Links } from '../core/node/link.ts'
import { withChanges } from '../core/routing/memory.ts'
import type { ObservedRouting } from '../core/routing/observation.ts'
import { PROTOCOL } from '../core/routing/routing.ts'
import { memoOf } from '../core/values/memo.ts'
import { IpProcess } from './ipProcess.ts'
import { OwnLosses } from './ownLosses.ts'
import { applyRouting } from './routingApply.ts'
import { observeRouting } from './routingObserve.ts'

interface Memory {
  readonly routing: ObservedRouting
  readonly tables: readonly number[]
  readonly devices: readonly string[]
  /** What the look depended on: other tables, other devices, or a device that is another one, and it does not count. */
  readonly basis: string
}

/** What of the kernel's routing is looked at. */
export interface AskedRouting {
  /** guestnet's own tables. */
  readonly tables: readonly number[]
  /** The links that are to be gateways. */
  readonly devices: readonly string[]
  readonly links: Links
}

/**
 * The kernel's part of announcing. With `remembers`, whoever calls `forget` when somebody else changes it (ip-monitor(8))
 * saves a look each time, which is several processes. The kernel drops routes silently when their device goes down, so the
 * devices' own state belongs to what a memory is good for.
 */
export class RoutingTables implements Driver<'routing', ObservedRouting, AskedRouting> {
  readonly #remembers: boolean
  readonly #mark: number
  readonly #ownLosses = new OwnLosses()
  readonly #ip: IpProcess | undefined
  #memory: Memory | undefined
  /** What was known when it was forgotten. */
  #former: ObservedRouting | undefined

  /** `mark`: what tells this instance's entries from others'. */
  constructor({
    remembers = false,
    mark = PROTOCOL,
  }: { readonly remembers?: boolean; readonly mark?: number } = {}) {
    this.#remembers = remembers
    this.#mark = mark
    this.#ip = remembers ? new IpProcess() : undefined
  }

  async observe({ tables, devices, links }: AskedRouting): Promise<ObservedRouting> {
    const basis = (routing: ObservedRouting) => basisOf(tables, devices, routing, links)
    if (this.#memory && this.#memory.basis === basis(this.#memory.routing)) return this.#memory.routing
    const read = await observeRouting(tables, devices, this.#mark)
    // Mostly nothing has changed: then nothing of what follows from it need be found again.
    const routing = this.#former && isDeepStrictEqual(read, this.#former) ? this.#former : read
    this.#memory = this.#remembers ? { routing, tables, devices, basis: basis(routing) } : undefined
    return routing
  }

  async apply(
    changes: readonly ChangeOf<'routing'>[],
    { before: { links } }: ApplyContext,
  ): Promise<Failures> {
    if (changes.length === 0) return new Map()
    const before = this.#memory
    this.#ownLosses.expect(changes)
    const failures = await applyRouting(changes, this.#mark, this.#ip?.runBy(links))
    const routing = failures.size === 0 && before ? withChanges(before.routing, changes) : undefined
    // Somebody else may have changed something meanwhile, and rung.
    const isCurrent = this.#memory === before
    this.#memory =
      before && routing && isCurrent
        ? { ...before, routing, basis: basisOf(before.tables, before.devices, routing, links) }
        : undefined
    return failures
  }

  /** Whether a line of ip-monitor(8) tells of something that was taken away here. */
  isOwnLoss(line: string): boolean {
    return this.#ownLosses.takes(line)
  }

  /** Somebody else may have changed something. */
  forget(): void {
    this.#former = this.#memory?.routing ?? this.#former
    this.#memory = undefined
  }
}

function basisOf(
  tables: readonly number[],
  devices: readonly string[],
  routing: ObservedRouting,
  links: Links,
): string {
  const states = [...new Set([...devices, ...devicesIn(routing)])].toSorted().map(name => {
    const link = links.get(name)
    return `${name}:${link?.ifindex}:${link?.up}:${link?.carrier}`
  })
  return [...tables, ...states].join(' ')
}

/** The links that something leads to: a few hundred of ten thousand routes. */
const devicesIn = memoOf(
  ({ routes, neighbours }: ObservedRouting): ReadonlySet<string> =>
    new Set([
      ...routes.flatMap(({ route }) => route?.device ?? []),
      ...neighbours.map(({ device }) => device),
    ]),
)
