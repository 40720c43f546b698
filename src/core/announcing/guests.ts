import { eachByItself } from '../guest/eachByItself.ts'
import type { Guest } from '../guest/guest.ts'
import { describeNic, type Vmid } from '../guest/names.ts'
import type { Problem } from '../problem/problem.ts'
import { problemOf } from '../problem/refusal.ts'
import { groupBy } from '../values/collection.ts'
import type { Announcement } from './announcement.ts'
import { type ByGuest, listOfGuests } from './byGuest.ts'
import { judgeBy } from './candidates.ts'
import { refusedCommunities } from './communities.ts'
import { type Context, contextOf, type GuestsInput } from './context.ts'
import { gatewaysFor, proxiesFor, rulesFor } from './gateway.ts'
import { networksOnDevices } from './networkOnDevice.ts'
import { retained } from './retained.ts'
import { routedPrefixes } from './routedPrefixes.ts'
import { type Share, type Sorted, shareOf, sortedBy } from './share.ts'
import type { GuestsIntent, RoutedPrefix } from './wanted.ts'

/** What the kernel and BGP should know about the guests that live here. */
export function announceGuests(input: GuestsInput): GuestsIntent {
  const context = contextOf(input)
  const { node, guests, policy, links } = context
  const { usable: networks, problems } = networksOnDevices(policy.networks, links)
  const judge = judgeBy(networks, context)
  const own = eachByItself(
    guests.filter(guest => guest.node === node),
    guest => [{ guest, ...sortedBy(judge(guest)) }],
  )
  const held = own.results.flatMap(one => one.held)
  const withheld = own.results.flatMap(one => one.withheld)
  for (const { refusal, ...nic } of withheld) {
    const problem = problemOf(refusal, describeNic(nic), { vmid: nic.vmid, nic: nic.nic })
    if (problem) problems.push(problem)
  }
  for (const one of own.results)
    if (one.held.length > 0) problems.push(...refusedCommunities(one.guest, context))
  const former = groupBy(retained(held, networks, context), ({ guest }) => guest)
  const behind = prefixesBehind(own.results, context, problems)
  const shares = own.results.map(({ guest, ...sorted }) => {
    const addresses = [...sorted.held, ...(former.get(guest) ?? [])]
    return shareOf({ ...sorted, guest, addresses, behind: behind.of(guest) }, context)
  })
  const vmids = own.results.map(({ guest }) => guest.vmid)
  const neighbours = shares.flatMap(share => share.neighbours)
  return {
    routing: {
      table: policy.table,
      routes: [...shares.flatMap(share => share.routes), ...shares.flatMap(share => share.routesBehind)],
      neighbours,
      proxies: proxiesFor(guests, networks, new Set(neighbours.map(({ address }) => address))),
      rules: rulesFor(networks, policy),
      gateways: gatewaysFor(networks, links, problems),
    },
    announcements: announcementsOf(listsOf(vmids, shares, 'announcements')),
    standby: standbyOf(listsOf(vmids, shares, 'standby')),
    withheld,
    failed: new Set([...own.failed, ...behind.failed]),
    problems: [...own.problems, ...behind.problems, ...problems],
  }
}

const announcementsOf = listOfGuests()
const standbyOf = listOfGuests()

function listsOf(
  vmids: readonly Vmid[],
  shares: readonly Share[],
  which: 'announcements' | 'standby',
): ByGuest {
  const lists = new Map<Vmid, readonly Announcement[]>()
  for (const [at, vmid] of vmids.entries()) {
    const list = shares[at]?.[which] ?? []
    if (list.length > 0) lists.set(vmid, list)
  }
  return lists
}

/** What is behind each guest; of one with which something goes wrong, its own addresses are announced all the same. */
function prefixesBehind(
  own: readonly (Sorted & { readonly guest: Guest })[],
  context: Context,
  problems: Problem[],
) {
  const held = new Map(own.map(one => [one.guest, one.held]))
  const routedBy = routedPrefixes(context)
  const found = new Map<Guest, readonly RoutedPrefix[]>()
  const { failed, problems: failures } = eachByItself([...held.keys()], guest => {
    const { prefixes, problems: refusals } = routedBy(guest, held.get(guest) ?? [])
    found.set(guest, prefixes)
    problems.push(...refusals)
    return []
  })
  return { of: (guest: Guest) => found.get(guest) ?? NO_PREFIXES, failed, problems: failures }
}

const NO_PREFIXES: readonly RoutedPrefix[] = []
