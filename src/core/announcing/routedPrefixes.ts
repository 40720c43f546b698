import { type ByItself, eachByItself } from '../guest/eachByItself.ts'
import type { FurtherRoute } from '../guest/further.ts'
import { type Guest, staticAddresses } from '../guest/guest.ts'
import { mayLeave } from '../policy/announced.ts'
import type { Problem } from '../problem/problem.ts'
import type { GuestRoute } from '../routing/routing.ts'
import { type Address, isIpv4, type Prefix } from '../values/address.ts'
import { groupBy } from '../values/collection.ts'
import { contains, overlaps } from '../values/prefix.ts'
import type { GuestsInput } from './context.ts'
import type { Candidate } from './wanted.ts'

/** A prefix that somebody wants behind a guest, and who says so. */
interface WishedRoute extends FurtherRoute {
  readonly guest: Guest
  readonly file: string
  readonly source: 'Notes' | 'fast-announcer file'
}

/** A prefix behind a guest, and the address of the guest that it is announced with. */
interface RoutedPrefix {
  readonly candidate: Candidate
  readonly route: GuestRoute
}

/** Prefixes behind guests: inside the policy, and nobody else's. */
export function routedPrefixes(
  held: readonly Candidate[],
  input: GuestsInput,
  problems: Problem[],
): ByItself<RoutedPrefix> {
  const routed: RoutedPrefix[] = []
  const byGuest = groupBy(held, candidate => candidate.guest)
  const { failed, problems: failures } = eachByItself([...byGuest.keys()], guest => {
    for (const wish of wishedRoutes(guest, input)) {
      const way = wayTo(wish, byGuest.get(guest) ?? [])
      const objection = typeof way === 'string' ? way : objectionTo(wish.prefix, guest, routed, input)
      if (typeof way === 'string' || objection !== undefined)
        problems.push(routeProblem(wish, objection ?? ''))
      else if (!routed.some(({ route }) => route.prefix === wish.prefix)) routed.push(way)
    }
    return []
  })
  return { results: routed, failed, problems: failures }
}

/** From the guest's Notes, where these are trusted, and from other files. */
function wishedRoutes(guest: Guest, { policy, notesOf }: GuestsInput): WishedRoute[] {
  const noted = policy.notes === 'trusted' ? notesOf(guest.vmid).routes : []
  const { file = guest.file, routes = [] } = guest.further ?? {}
  return [
    ...noted.map(prefix => ({ guest, prefix, file: guest.file, source: 'Notes' }) as const),
    ...routes.map(route => ({ ...route, guest, file, source: 'fast-announcer file' }) as const),
  ]
}

/** How to reach a prefix behind a guest that has these announced addresses, or why it cannot be. */
function wayTo({ prefix, nextHop, source }: WishedRoute, own: readonly Candidate[]): RoutedPrefix | string {
  const [first] = own
  const sameFamily = own.find(({ address }) => isIpv4(address) === !prefix.includes(':'))
  if (source === 'Notes') {
    return sameFamily ? routeBy(sameFamily, prefix, sameFamily.address) : NO_ADDRESS
  }
  const named = own.find(({ address }) => address === nextHop)
  if (named) return routeBy(named, prefix, named.address)
  if (nextHop !== undefined && !nextHop.startsWith('fe80:'))
    return `its next hop ${nextHop} is no announced address of the guest`
  return first ? routeBy(sameFamily ?? first, prefix, nextHop) : NO_ADDRESS
}

const NO_ADDRESS = 'it has no announced address of that family'

function routeBy(candidate: Candidate, prefix: Prefix, via: Address | undefined): RoutedPrefix {
  return { candidate, route: { prefix, device: candidate.device, ...(via !== undefined && { via }) } }
}

function objectionTo(
  prefix: Prefix,
  guest: Guest,
  routed: readonly RoutedPrefix[],
  { policy, guests }: GuestsInput,
): string | undefined {
  if (!policy.networks.some(network => mayLeave(network, prefix)))
    return 'the policy does not allow this prefix'
  const other = guests.find(
    ({ vmid, nics }) =>
      vmid !== guest.vmid &&
      nics.some(({ addressing }) => staticAddresses(addressing).some(address => contains(prefix, address))),
  )
  if (other) return `it holds an address of guest ${other.vmid}`
  const rival = routed.find(
    ({ candidate, route }) => candidate.vmid !== guest.vmid && overlaps(route.prefix, prefix),
  )
  return rival && `guest ${rival.candidate.vmid} has ${rival.route.prefix} behind it`
}

function routeProblem({ guest, prefix, file, source }: WishedRoute, objection: string): Problem {
  return {
    code: 'route-refused',
    message: `The ${source} of guest ${guest.vmid} name${source === 'Notes' ? '' : 's'} ${prefix} as behind it, which is not announced: ${objection}.`,
    remedy: `Correct the ${source}, or the prefixes in the policy.`,
    file,
    vmid: guest.vmid,
  }
}
