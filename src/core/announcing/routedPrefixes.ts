import { type ByItself, eachByItself } from '../guest/eachByItself.ts'
import { leavesAnywhere } from '../policy/announced.ts'
import type { Problem } from '../problem/problem.ts'
import { type GuestRoute, guestRoute } from '../routing/routing.ts'
import { GivenPrefixes, type RoutedWish, type WishContext, weighedWishes } from '../ruling/routedWish.ts'
import { type Address, isIpv4, type Prefix } from '../values/address.ts'
import { groupBy } from '../values/collection.ts'
import type { GuestsInput } from './context.ts'
import type { Candidate } from './wanted.ts'

/** A prefix behind a guest, and the address of the guest that it is announced with. */
export interface RoutedPrefix {
  readonly candidate: Candidate
  readonly route: GuestRoute
}

/** Prefixes behind guests: inside the policy, and nobody else's. What comes to the same as before is the same value. */
export function routedPrefixes(
  held: readonly Candidate[],
  { policy, notesOf, guests }: GuestsInput,
  problems: Problem[],
): ByItself<RoutedPrefix> {
  const routed = new Map<Prefix, RoutedPrefix>()
  const given = new GivenPrefixes()
  const wishes: WishContext = {
    trustsNotes: policy.notes === 'trusted',
    mayLeave: leavesAnywhere(policy.networks),
    notesOf,
    guests,
  }
  const byGuest = groupBy(held, candidate => candidate.guest)
  const { failed, problems: failures } = eachByItself([...byGuest.keys()], guest => {
    for (const wish of weighedWishes(guest, wishes)) {
      const way = wayTo(wish, byGuest.get(guest) ?? [])
      const objection = typeof way === 'string' ? way : given.objectionTo(wish)
      if (typeof way === 'string' || objection !== undefined)
        problems.push(routeProblem(wish, objection ?? ''))
      else if (!routed.has(wish.prefix)) {
        routed.set(wish.prefix, routeBy(wish, way))
        given.give(wish)
      }
    }
    return []
  })
  return { results: [...routed.values()], failed, problems: failures }
}

/** By which of its addresses a prefix behind a guest is announced, and reached. */
interface Way {
  readonly candidate: Candidate
  readonly via: Address | undefined
}

/** How to reach a prefix behind a guest that has these announced addresses, or why it cannot be. */
function wayTo({ prefix, nextHop, source }: RoutedWish, own: readonly Candidate[]): Way | string {
  const [first] = own
  const sameFamily = own.find(({ address }) => isIpv4(address) === !prefix.includes(':'))
  if (source === 'Notes') {
    return sameFamily ? { candidate: sameFamily, via: sameFamily.address } : NO_ADDRESS
  }
  const named = own.find(({ address }) => address === nextHop)
  if (named) return { candidate: named, via: named.address }
  if (nextHop !== undefined && !nextHop.startsWith('fe80:'))
    return `its next hop ${nextHop} is no announced address of the guest`
  return first ? { candidate: sameFamily ?? first, via: nextHop } : NO_ADDRESS
}

const NO_ADDRESS = 'it has no announced address of that family'

/** What came of a wish, which is the same value as long as nothing of the guest, its Notes and the policy changes. */
const ROUTED = new WeakMap<RoutedWish, RoutedPrefix>()

function routeBy(wish: RoutedWish, { candidate, via }: Way): RoutedPrefix {
  const known = ROUTED.get(wish)
  if (known?.candidate === candidate && known.route.via === via) return known
  const { prefix } = wish
  const routed = {
    candidate,
    route: guestRoute({ prefix, device: candidate.device, ...(via !== undefined && { via }) }),
  }
  ROUTED.set(wish, routed)
  return routed
}

function routeProblem({ guest, prefix, file, source }: RoutedWish, objection: string): Problem {
  return {
    code: 'route-refused',
    message: `The ${source} of guest ${guest.vmid} name${source === 'Notes' ? '' : 's'} ${prefix} as behind it, which is not announced: ${objection}.`,
    remedy: `Correct the ${source}, or the prefixes in the policy.`,
    file,
    vmid: guest.vmid,
  }
}
