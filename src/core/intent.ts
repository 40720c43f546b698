import type { Advertisement } from './advertising/advertisement.ts'
import { intendAdvertising } from './advertising/intent.ts'
import { intendAnnouncing } from './announcing/intent.ts'
import { deviceOf } from './announcing/networkOnDevice.ts'
import { announcedBy } from './announcing/observation.ts'
import type { AnnounceIntent } from './announcing/wanted.ts'
import { type DhcpIntent, intendDhcp, keptClaim, keptOffers, setAside } from './dhcp/intent.ts'
import { type Port, portsOf } from './dhcp/service.ts'
import { intendGuard } from './guard/intent.ts'
import type { GuardIntent } from './guard/target.ts'
import { eachByItself } from './guest/eachByItself.ts'
import { linkNameOf, parseGuestLink } from './guest/links.ts'
import { isUsed, lastUsed, usedHere } from './inUse.ts'
import type { Links } from './node/link.ts'
import type { Observation } from './observation.ts'
import { mayLeave, networkFor } from './policy/announced.ts'
import { blackholesAt } from './policy/bgp.ts'
import { blackholeOf } from './policy/blackhole.ts'
import type { Problem } from './problem/problem.ts'
import type { Reading } from './reading.ts'
import { type Claim, claimsOf } from './ruling/claim.ts'
import { isHere } from './ruling/presence.ts'
import { rule } from './ruling/ruling.ts'
import type { Ruling } from './ruling/verdict.ts'
import { hostPrefix } from './values/prefix.ts'

/** What should be. */
export interface Intent {
  readonly dhcp: DhcpIntent
  readonly guard: GuardIntent
  /** What guests are told of their routers. */
  readonly advertisements: readonly Advertisement[]
  /** Absent: not looked at. */
  readonly announcing?: AnnounceIntent
  readonly ruling: Ruling
  readonly problems: readonly Problem[]
}

/** From what was read to what should be; what is there already decides who keeps what he has. Pure. */
export function intend(given: Reading, observation: Observation): Intent {
  const claimed = eachByItself(given.guests, claimsOf)
  const reading = setAside(given, claimed.failed)
  const { node, guests, policy, policyPlace } = reading
  const ruling = ruleOn(reading, observation, claimed.results)
  const offered = intendDhcp(
    {
      ...reading,
      policy: policy.dhcp,
      policyPlace: path => policyPlace?.(['dhcp', ...path]),
    },
    observation,
    ruling,
  )
  const advertisements = intendAdvertising(
    { ...reading, ...offered, policy: policy.dhcp, links: observation.links },
    observation.advertising,
  )
  const dhcp = { ...offered, ports: withRouters(offered.ports, advertisements, observation.links) }
  const announcing =
    observation.announcing &&
    intendAnnouncing(
      {
        ...reading,
        ruling,
        policy: policy.announce,
        bgp: policy.bgp,
        policyPlace: path => policyPlace?.(['announce', ...path]),
        complete: reading.complete && reading.further.complete,
        isUnknown: unknownGuests(reading, observation),
      },
      observation.announcing,
      observation,
    )
  const guard = intendGuard({
    ...reading,
    policy: policy.guard,
    announce: policy.announce,
    links: observation.links,
    ruling,
    observed: observation.guard,
  })
  const ownGuests = guests.filter(guest => isHere(guest, node, observation.links))
  return {
    dhcp,
    guard,
    advertisements,
    ruling,
    ...(announcing && { announcing }),
    problems: [
      ...ownGuests.flatMap(guest => guest.problems),
      ...claimed.problems.filter(({ vmid }) =>
        given.guests.some(one => one.vmid === vmid && one.node === node),
      ),
      ...ruling.problems,
      ...dhcp.problems,
      ...guard.problems,
      ...(announcing?.problems ?? []),
    ],
  }
}

/** A port is one for all that is taken from it. */
function withRouters(ports: readonly Port[], advertisements: readonly Advertisement[], links: Links): Port[] {
  const routers = advertisements.map(advertisement => ({ kind: 'router', advertisement }) as const)
  return portsOf([...ports.flatMap(({ services }) => services), ...routers], links)
}

/** Who holds what, in the whole cluster. */
function ruleOn(reading: Reading, observation: Observation, claims: readonly Claim[]): Ruling {
  const { node, guests, running, notesOf, policy, sightings, complete, unreadable, quorate } = reading
  const { links, holders } = observation
  const used = usedHere(observation)
  const grace = policy.conflicts.grace
  const kept = keptOffers(reading, observation)
  const blackholes = observation.announcing ? blackholesAt(observation.announcing.now, policy.bgp) : []
  const isBlackholed = (claim: Claim) => blackholeOf(claim, blackholes) !== undefined
  // A port that appears while a stopped guest is being backed up belongs to a paused QEMU that never runs.
  const paused = new Set(guests.filter(({ lock }) => lock === 'backup').map(({ vmid }) => vmid))
  return rule({
    claims: [...claims, ...kept.map(offer => keptClaim(node, offer))],
    node,
    running,
    quorate,
    ...sightings,
    now: sightings.now,
    records: holders,
    grace,
    complete: complete && unreadable.size === 0,
    isHere: claim =>
      links.has(linkNameOf(claim, claim.nic)) && (!paused.has(claim.vmid) || isUsed(used, claim)),
    isInUse: claim => {
      if (links.has(linkNameOf(claim, claim.nic))) return isUsed(used, claim)
      const last = lastUsed(sightings, claim)
      return claim.node === node && last !== undefined && sightings.now < last + grace
    },
    isAnnounced: claim => {
      const { vmid, network, address } = claim
      const announced = policy.announce && networkFor(policy.announce, network)
      if (!announced || !mayLeave(announced, hostPrefix(address)) || !notesOf(vmid).announce) return false
      // Without its device nobody is reached from here; of another node's links nothing is known.
      return claim.node !== node || links.has(deviceOf(announced, links)) || isBlackholed(claim)
    },
  })
}

/** Guests that nothing is known of at the moment, but that may be there: their file or their port is. */
function unknownGuests(
  { guests, unreadable, further }: Reading,
  { links, announcing }: Observation,
): (vmid: number) => boolean {
  const inForce = announcing ? announcedBy(announcing.bird) : []
  if (inForce.length === 0) return () => false
  const known = new Set<number>(guests.map(({ vmid }) => vmid))
  const hasPort = (vmid: number) => [...links.keys()].some(name => parseGuestLink(name)?.vmid === vmid)
  return vmid => further.unreadable.has(vmid) || (!known.has(vmid) && (unreadable.has(vmid) || hasPort(vmid)))
}
