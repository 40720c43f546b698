import type { Advertisement } from './advertising/advertisement.ts'
import { intendAdvertising } from './advertising/intent.ts'
import { intendAnnouncing } from './announcing/intent.ts'
import { deviceOf } from './announcing/networkOnDevice.ts'
import { announcedBy } from './announcing/observation.ts'
import type { AnnounceIntent } from './announcing/wanted.ts'
import { type DhcpIntent, intendDhcp, keptClaim, keptOffers, setAside } from './dhcp/intent.ts'
import { portsOf, type Service } from './dhcp/service.ts'
import { intendGuard } from './guard/intent.ts'
import type { GuardIntent } from './guard/target.ts'
import { eachByItself } from './guest/eachByItself.ts'
import { type Guest, vmidsOf } from './guest/guest.ts'
import { linkNameOf, vmidsWithPort } from './guest/links.ts'
import { isUsed, lastUsed, usedHere } from './inUse.ts'
import type { Observation } from './observation.ts'
import type { AnnouncedNetwork, AnnouncePolicy } from './policy/announce.ts'
import { mayLeave, networkFor } from './policy/announced.ts'
import { blackholesAt } from './policy/bgp.ts'
import { type Blackhole, blackholeOf } from './policy/blackhole.ts'
import type { Problem } from './problem/problem.ts'
import type { Reading } from './reading.ts'
import { type Claim, claimsOf } from './ruling/claim.ts'
import { guestsHere } from './ruling/presence.ts'
import { rule } from './ruling/ruling.ts'
import type { Ruling } from './ruling/verdict.ts'
import { listAsBefore, memoOf, memoOfLast } from './values/memo.ts'
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
  const claimed = claimsAmong(given.guests)
  const reading = setAside(given, claimed.failed)
  const { node, guests, policy, policyPlace } = reading
  const ruling = ruleOn(reading, observation, claimed.results)
  const { services, ...offered } = intendDhcp(
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
  const all = servicesOf(services, routersAsBefore(advertisements))
  const dhcp = { ...offered, ports: portsOf(all, observation.links) }
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
  const ownGuests = guestsHere(guests, node, observation.links)
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

const routersAsBefore = listAsBefore<Advertisement>()

/** A port is one for all that is taken from it. */
const servicesOf = memoOfLast(
  (services: readonly Service[], advertisements: readonly Advertisement[]): readonly Service[] => [
    ...services,
    ...advertisements.map(routerServiceOf),
  ],
)

const routerServiceOf = memoOf((advertisement: Advertisement) => ({ kind: 'router', advertisement }) as const)

/** Who holds what, in the whole cluster. */
function ruleOn(reading: Reading, observation: Observation, claims: readonly Claim[]): Ruling {
  const { node, guests, running, notesOf, policy, sightings, complete, unreadable, quorate } = reading
  const { links, holders } = observation
  const used = usedHere(observation)
  const grace = policy.conflicts.grace
  const kept = keptOffers(reading, observation)
  const blackholes = observation.announcing ? blackholesAt(observation.announcing.now, policy.bgp) : []
  // A port that appears while a stopped guest is being backed up belongs to a paused QEMU that never runs.
  const paused = pausedAmong(guests)
  const isAnnounced = isAnnouncedBy({
    announce: policy.announce,
    notesOf,
    node,
    blackholes,
    reached: new Set(policy.announce?.networks.filter(network => links.has(deviceOf(network, links)))),
  })
  return rule({
    claims: kept.length === 0 ? claims : [...claims, ...kept.map(offer => keptClaim(node, offer))],
    vmidsHere: vmidsWithPort(links),
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
    isAnnounced,
  })
}

/** The same for the same guests: what follows from it need not be found again. */
const claimsAmong = memoOf((guests: readonly Guest[]) => eachByItself(guests, claimsOf))
const pausedAmong = memoOf(
  (guests: readonly Guest[]) =>
    new Set<number>(guests.filter(({ lock }) => lock === 'backup').map(({ vmid }) => vmid)),
)

/** What it depends on whether an address is announced. */
interface AnnouncedBy extends Pick<Reading, 'node' | 'notesOf'> {
  readonly announce: AnnouncePolicy | undefined
  readonly blackholes: readonly Blackhole[]
  /** Of the policy's networks, those that have a device here. Of another node's links nothing is known. */
  readonly reached: ReadonlySet<AnnouncedNetwork>
}

/** Whether a claim's address may be announced; the same function while nothing of that changes. */
const isAnnouncedBy = memoOfLast(
  ({ announce, notesOf, node, blackholes, reached }: AnnouncedBy) =>
    (claim: Claim): boolean => {
      const { vmid, network, address } = claim
      const announced = announce && networkFor(announce, network)
      if (!announced || !mayLeave(announced, hostPrefix(address)) || !notesOf(vmid).announce) return false
      // Without its device nobody is reached from here.
      return claim.node !== node || reached.has(announced) || blackholeOf(claim, blackholes) !== undefined
    },
  ({ announce, notesOf, node, blackholes, reached }) => [announce, notesOf, node, ...blackholes, ...reached],
)

/** Guests that nothing is known of at the moment, but that may be there: their file or their port is. */
function unknownGuests(
  { guests, unreadable, further }: Reading,
  { links, announcing }: Observation,
): (vmid: number) => boolean {
  const inForce = announcing ? announcedBy(announcing.bird) : []
  if (inForce.length === 0) return () => false
  const known = vmidsOf(guests)
  const hasPort = (vmid: number) => vmidsWithPort(links).has(vmid)
  return vmid => further.unreadable.has(vmid) || (!known.has(vmid) && (unreadable.has(vmid) || hasPort(vmid)))
}
