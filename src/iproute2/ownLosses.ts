import type { RoutingChange } from '../core/routing/change.ts'

/** Milliseconds within which the kernel tells of what was taken away; it takes one or two. */
const SOON = 3000

/**
 * What guestnet itself takes away from the kernel's routing, which ip-monitor(8) tells like any other loss. Each removal is told
 * once, so the next loss of the same is somebody else's doing.
 */
export class OwnLosses {
  readonly #expected = new Map<string, { count: number; until: number }>()

  /** These changes are about to be made. */
  expect(changes: readonly RoutingChange[]): void {
    const now = performance.now()
    for (const [key, { until }] of this.#expected) if (until < now) this.#expected.delete(key)
    for (const change of changes) {
      const key = keyOf(change)
      if (key !== undefined)
        this.#expected.set(key, { count: (this.#expected.get(key)?.count ?? 0) + 1, until: now + SOON })
    }
  }

  /** Whether a line of `ip -o -N monitor route neigh` tells of one of them. */
  takes(line: string): boolean {
    const key = keyOfLine(line)
    const expected = key === undefined ? undefined : this.#expected.get(key)
    if (key === undefined || !expected || expected.until < performance.now()) return false
    expected.count -= 1
    if (expected.count === 0) this.#expected.delete(key)
    return true
  }
}

function keyOf(change: RoutingChange): string | undefined {
  switch (change.kind) {
    case 'route-remove':
      return `route ${withoutHostLength(change.route.prefix)}`
    case 'neighbour-remove':
      return `neighbour ${change.neighbour.address}`
    default:
      return undefined
  }
}

/** A host's route is told without its length. */
function withoutHostLength(prefix: string): string {
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '')
}

/**
 * Black holes are told by their type, or by its number (rtnetlink(7)); a neighbour that was removed by its state, without a hardware address,
 * and one that went with its link with it.
 */
function keyOfLine(line: string): string | undefined {
  const [, place, rest = ''] = /^Deleted (?:(?:blackhole|6) )?([0-9a-f.:/]+) (.*)$/.exec(line) ?? []
  if (place === undefined) return undefined
  return `${/ (?:lladdr |FAILED\b)/.test(rest) ? 'neighbour' : 'route'} ${place}`
}
