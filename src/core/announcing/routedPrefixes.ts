import { type ByItself, eachByItself } from '../guest/eachByItself.ts'
import { mayLeaveAnywhere } from '../policy/announced.ts'
import type { Problem } from '../problem/problem.ts'
import type { GuestRoute } from '../routing/routing.ts'
import {
  type GivenPrefixes,
  objectionTo,
  type RoutedWish,
  routedWishes,
  type WishContext,
} from '../ruling/routedWish.ts'
import { type Address, isIpv4, type Prefix } from '../values/address.ts'
import { groupBy } from '../values/collection.ts'
import { PrefixIndex } from '../values/prefixIndex.ts'
import type { GuestsInput } from './context.ts'
import type { Candidate } from './wanted.ts'

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
  const routed = new Map<Prefix, RoutedPrefix>()
  const given: GivenPrefixes = new PrefixIndex()
  const wishes = wishContext(input)
  const byGuest = groupBy(held, candidate => candidate.guest)
  const { failed, problems: failures } = eachByItself([...byGuest.keys()], guest => {
    for (const wish of routedWishes(guest, wishes)) {
      const way = wayTo(wish, byGuest.get(guest) ?? [])
      const objection = typeof way === 'string' ? way : objectionTo(wish.prefix, guest, given, wishes)
      if (typeof way === 'string' || objection !== undefined)
        problems.push(routeProblem(wish, objection ?? ''))
      else if (!routed.has(wish.prefix)) {
        routed.set(wish.prefix, way)
        given.add(wish.prefix, { vmid: guest.vmid, prefix: wish.prefix })
      }
    }
    return []
  })
  return { results: [...routed.values()], failed, problems: failures }
}

/** How to reach a prefix behind a guest that has these announced addresses, or why it cannot be. */
function wayTo({ prefix, nextHop, source }: RoutedWish, own: readonly Candidate[]): RoutedPrefix | string {
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

function wishContext({ policy, notesOf, guests }: GuestsInput): WishContext {
  const mayLeave = (prefix: Prefix) => mayLeaveAnywhere(policy, prefix)
  return { trustsNotes: policy.notes === 'trusted', mayLeave, notesOf, guests }
}

const NO_ADDRESS = 'it has no announced address of that family'

function routeBy(candidate: Candidate, prefix: Prefix, via: Address | undefined): RoutedPrefix {
  return { candidate, route: { prefix, device: candidate.device, ...(via !== undefined && { via }) } }
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
