import type { Guest } from '../guest/guest.ts'
import { leavesAnywhere } from '../policy/announced.ts'
import type { Problem } from '../problem/problem.ts'
import { guestRoute } from '../routing/routing.ts'
import { GivenPrefixes, type RoutedWish, type WeighedWish, type WishContext } from '../ruling/routedWish.ts'
import { weighedWishes } from '../ruling/wishRegister.ts'
import { type Address, isIpv4, type Prefix } from '../values/address.ts'
import { memoOf, memoOfEach } from '../values/memo.ts'
import type { GuestsInput } from './context.ts'
import type { Candidate, RoutedPrefix } from './wanted.ts'

/** What came of a guest's wishes. */
interface Routed {
  readonly prefixes: readonly RoutedPrefix[]
  readonly problems: readonly Problem[]
}

const NOTHING: Routed = { prefixes: [], problems: [] }

/**
 * The prefixes behind guests that are inside the policy, and nobody else's. To be asked of one guest after the other, with the addresses that it holds;
 * what comes to the same as before is the same value.
 */
export function routedPrefixes({
  policy,
  notesOf,
  guests,
}: GuestsInput): (guest: Guest, held: readonly Candidate[]) => Routed {
  const given = new GivenPrefixes()
  const wishes: WishContext = {
    trustsNotes: policy.notes === 'trusted',
    mayLeave: leavesAnywhere(policy.networks),
    notesOf,
    guests,
  }
  return (guest, held) => {
    if (held.length === 0) return NOTHING
    const weighed = weighedWishes(guest, wishes)
    return areContested(weighed) ? routedOf(weighed, held, given) : routedAlone(weighed, held)
  }
}

const areContested = memoOf((wishes: readonly WeighedWish[]) => wishes.some(wish => wish.isContested))

/** Of wishes that are nobody else's: it depends on the guest alone what comes of them. */
const routedAlone = memoOfEach(
  (wishes: readonly WeighedWish[], held: readonly Candidate[]) =>
    wishes.length === 0 ? NOTHING : routedOf(wishes, held, new GivenPrefixes()),
  held => held,
)

function routedOf(wishes: readonly WeighedWish[], held: readonly Candidate[], given: GivenPrefixes): Routed {
  const prefixes = new Map<Prefix, RoutedPrefix>()
  const problems: Problem[] = []
  for (const wish of wishes) {
    const way = wayTo(wish, held)
    const objection = typeof way === 'string' ? way : given.objectionTo(wish)
    if (typeof way === 'string' || objection !== undefined) problems.push(routeProblem(wish, objection ?? ''))
    else if (!prefixes.has(wish.prefix)) {
      prefixes.set(wish.prefix, routeBy(wish, way))
      given.give(wish)
    }
  }
  return { prefixes: [...prefixes.values()], problems }
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

function routeBy({ prefix }: RoutedWish, { candidate, via }: Way): RoutedPrefix {
  return {
    candidate,
    route: guestRoute({ prefix, device: candidate.device, ...(via !== undefined && { via }) }),
  }
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
