import type { RoutingChange } from '../core/routing/change.ts'
import { PROTOCOL } from '../core/routing/routing.ts'
import { together } from '../core/values/result.ts'
import { type RunBatch, runBatch } from './ipBatch.ts'
import { setSysctl } from './proxySysctls.ts'
import { type Line, renderRoutingChange } from './routingRender.ts'

/**
 * Carries changes out, in their order, by one process for both families, but for rules of IPv6. Returns those that failed, with the
 * reason; one that fails stops no other. `runLines` carries out the lines of one kind.
 *
 * Traps:
 * - A route needs its device up. When a device goes down its routes, neighbours and proxies go, permanent or not, and its
 *   IPv6 addresses (unless `keep_addr_on_down`); nothing brings them back but the next look. Losing its carrier only
 *   takes neighbours, and leaves the permanent ones.
 * - Where IPv6 is off (`disable_ipv6`) the kernel refuses addresses, routes and neighbours alike.
 * - `route replace` and `neighbour replace` replace whatever is in the place, whoever put it there.
 * - IPv6 routes without metric get 1024, and BIRD's have 32.
 * - An IPv6 address that is removed leaves the route of its prefix while the device has another address in it.
 * - A bridge has the lowest MAC of its ports, and so changes it as they come and go, until it is given one. Whenever
 *   a device's MAC is set, even to what it is, its neighbours go, permanent or not, and whosever they are.
 * - Rules name devices: they stay, detached, when the device goes, and come to life with the next of its name.
 * - `ip rule flush` takes the rules of all others, too.
 * - Where a rule without a device leads to a table with an IPv6 default route by a gateway, the kernel refuses ("No route to
 *   host") every further route by a gateway outside `main`, whosever it is: looking for the way to a gateway it heeds the
 *   rules, but not `suppress_prefixlength`. So the default routes are in a table that only rules with a device lead to.
 * - `onlink` is refused ("invalid gateway") in a namespace that has no address at all, as one whose lo is down.
 * - The kernel never answers an ARP probe (RFC 5227) for an address that is not its own, so IPv4 duplicate detection does
 *   not see proxy ARP. It does answer IPv6 duplicate detection for a proxied address: a guest that is here must not be.
 */
export async function applyRouting(
  changes: readonly RoutingChange[],
  mark: number = PROTOCOL,
  runLines: RunBatch = runBatch,
): Promise<Map<RoutingChange, string>> {
  const failures = new Map<RoutingChange, string>()
  const fail = (change: RoutingChange, reason: string) => {
    if (!isAlreadySo(change, reason) && !failures.has(change)) failures.set(change, reason)
  }
  const rendered = changes.map(change => ({ change, ...renderRoutingChange(change, mark) }))
  for (const { change, sysctls } of rendered) {
    const set = together(sysctls.map(setSysctl))
    if (!set.ok) fail(change, set.reason)
  }
  for (const jobs of piecesOf(
    rendered.flatMap(({ change, lines }) => lines.map(line => ({ change, ...line }))),
  )) {
    const failed = await runLines(
      jobs[0].batch,
      jobs.map(({ text }) => text),
    )
    for (const [number, reason] of failed) {
      const job = jobs[number]
      if (job) fail(job.change, `ip ${job.text}: ${reason}`)
    }
  }
  return failures
}

/** Lines one after the other, as many in a piece as one process can carry out. */
function piecesOf<Job extends Line>(jobs: readonly Job[]): [Job, ...Job[]][] {
  const pieces: [Job, ...Job[]][] = []
  for (const job of jobs) {
    const last = pieces.at(-1)
    if (last?.[0].batch === job.batch) last.push(job)
    else pieces.push([job])
  }
  return pieces
}

const GONE =
  /no such process|no such file|cannot find device|cannot assign requested address|address not found/i
const THERE = /file exists|already assigned/i

/** What is to be removed may have gone with its device, and what is to be added may be there since a first try. */
function isAlreadySo({ kind }: RoutingChange, reason: string): boolean {
  switch (kind) {
    case 'route-remove':
    case 'neighbour-remove':
    case 'proxy-remove':
    case 'rule-remove':
    case 'gateway-remove':
      return GONE.test(reason)
    case 'rule-add':
    case 'gateway-set':
      return THERE.test(reason)
    default:
      return false
  }
}
