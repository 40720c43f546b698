import type { Addressed } from '../advertising/advertisement.ts'
import { eachByItself } from '../guest/eachByItself.ts'
import { type Guest, vmidsOf } from '../guest/guest.ts'
import { describeNic } from '../guest/names.ts'
import type { Problem } from '../problem/problem.ts'
import { problemOf, type Refusal } from '../problem/refusal.ts'
import type { Claim } from '../ruling/claim.ts'
import { guestsHere } from '../ruling/presence.ts'
import type { Ruling } from '../ruling/verdict.ts'
import { memoOfLast } from '../values/memo.ts'
import { addressIn } from '../values/prefix.ts'
import type { DhcpObservation, Served, Slot } from './observation.ts'
import { addressOf, type Offer, offerKeyOf } from './offer.ts'
import { type GuestOffers, type OfferContext, offersOf, type RefusedOffer } from './offers.ts'
import type { ServerId } from './serverId.ts'
import {
  assignServers,
  leaseKeyOfOffer,
  SERVERS_OF_GUEST,
  SERVERS_OF_NODE,
  type Servers,
  type Surplus,
} from './servers.ts'
import { type Port, type Service, serviceOf } from './service.ts'

/** What was read of the cluster, the policy and the host, as far as DHCP depends on it. */
export interface DhcpInput extends Omit<OfferContext, 'links'> {
  /** The name of this node. */
  readonly node: string
  /** Every guest of the cluster whose configuration could be read. */
  readonly guests: readonly Guest[]
  /** Guests that exist but could not be read. */
  readonly unreadable: ReadonlySet<number>
  /** False: guests may be missing from `guests`, so nothing may be concluded from their absence. */
  readonly complete: boolean
}

/** What DHCP should be. */
export interface DhcpIntent {
  readonly servers: Servers
  /** The links of running guests that are served. */
  readonly ports: readonly Port[]
  readonly offers: readonly Offer[]
  /** NICs of this node's guests that are to have an IPv6 address, which they hold. */
  readonly addressed: readonly Addressed[]
  /** Static addresses of this node's guests that are not offered. */
  readonly refused: readonly RefusedOffer[]
  readonly problems: readonly Problem[]
}

/** What is offered, and what is to be taken from guests' ports where they have any. */
interface Offered extends Omit<DhcpIntent, 'ports'> {
  readonly services: readonly Service[]
}

/** From what was read to what DHCP should be; what is served already only decides which server an offer stays with. Pure. */
export function intendDhcp(input: DhcpInput, observation: DhcpObservation, ruling: Ruling): Offered {
  const context: OfferContext = { ...input, links: observation.links }
  const here = guestsHere(input.guests, input.node, observation.links)
  const { results: made, failed, problems } = eachByItself(here, guest => [offersOf(guest, context)])
  const kept = input.policy.enabled ? keptOffers(setAside(input, failed), observation) : []
  return together({
    made,
    kept,
    refusalOf: ruling.refusalOf,
    previous: serversByLease(observation),
    failures: problems,
    missing: kept.flatMap(offer => (failed.has(offer.vmid) ? [] : missingProblem(input, observation, offer))),
  })
}

/** What was made of each guest by itself, and what decides of all together. */
interface Together {
  readonly made: readonly GuestOffers[]
  readonly kept: readonly Offer[]
  readonly refusalOf: Ruling['refusalOf']
  readonly previous: ReadonlyMap<string, ServerId>
  readonly failures: readonly Problem[]
  readonly missing: readonly Problem[]
}

/** The same while all of that is: most events change nothing of what is offered. */
const together = memoOfLast(
  ({ made, kept, refusalOf, previous, failures, missing }: Together): Offered => {
    const refused = made.flatMap(guest => guest.refused)
    const addressed = made
      .flatMap(guest => guest.addressed)
      .filter(nic => refusalOf({ ...nic, address: addressIn(nic.address) }) === undefined)
    const wanted = [...made.flatMap(guest => guest.offers), ...kept]
    const problems = [...failures, ...made.flatMap(guest => guest.problems), ...missing]
    const permitted = wanted.filter(offer => {
      const refusal = refusalOf({ ...offer, address: addressOf(offer) })
      if (refusal) refused.push(refusedOffer(offer, refusal))
      return refusal === undefined
    })
    const { servers, surplus } = assignServers(permitted, previous)
    for (const { offer, of } of surplus) refused.push(refusedOffer(offer, surplusRefusal(offer, of)))
    const withoutServer = new Set(surplus.map(({ offer }) => offer))
    for (const { refusal, ...nic } of refused) {
      const problem = problemOf(refusal, describeNic(nic), { vmid: nic.vmid, nic: nic.nic })
      if (problem) problems.push(problem)
    }
    return {
      servers,
      services: servicesOf(servers),
      offers: permitted.filter(offer => !withoutServer.has(offer)),
      addressed,
      refused,
      problems,
    }
  },
  ({ made, kept, refusalOf, previous, failures, missing }) => [
    refusalOf,
    previous,
    ...[made, kept, failures, missing].flatMap(list => [list.length, ...list]),
  ],
)

function refusedOffer({ vmid, type, nic, family }: Offer, refusal: Refusal): RefusedOffer {
  return { vmid, type, nic, family, refusal }
}

/** The same as if the files of these guests could not be read. */
export function setAside<Input extends Pick<DhcpInput, 'guests' | 'unreadable'>>(
  input: Input,
  vmids: ReadonlySet<number>,
): Input {
  if (vmids.size === 0) return input
  return {
    ...input,
    guests: input.guests.filter(({ vmid }) => !vmids.has(vmid)),
    unreadable: new Set([...input.unreadable, ...vmids]),
  }
}

/** Each network with the same address takes a DHCP server of its own, and there are not any number of them. */
function surplusRefusal(offer: Offer, of: Surplus['of']): Refusal {
  const address = addressOf(offer)
  return of === 'guest'
    ? {
        code: 'too-many-servers',
        message: `${address} is on ${SERVERS_OF_GUEST} other NICs of this guest already, each of which takes a DHCP server of its own`,
        remedy: 'Give the NICs addresses that differ.',
      }
    : {
        code: 'too-many-servers',
        message: `${address} is in ${SERVERS_OF_NODE} other networks of this node already, each of which takes a DHCP server of its own`,
        remedy: 'Give the guest another address, or move it to another node.',
      }
}

/**
 * Offers that are served now and stay although their guest's configuration is not at hand: it cannot be read at the
 * moment, or it is gone while the guest's port is still here (the blink of a migration, a guest being moved away).
 */
export function keptOffers(
  { guests, unreadable, complete }: Pick<DhcpInput, 'guests' | 'unreadable' | 'complete'>,
  observation: DhcpObservation,
): Offer[] {
  const served = servedByImportance(observation)
  if (served.length === 0) return []
  const known = vmidsOf(guests)
  const kept = new Map<string, Offer>()
  for (const { offers } of served) {
    for (const offer of offers) {
      if (known.has(offer.vmid)) continue
      if (observation.links.has(offer.link) || !complete || unreadable.has(offer.vmid)) {
        kept.set(offerKeyOf(offer), offer)
      }
    }
  }
  return [...kept.values()]
}

/** What a guest whose configuration is not at hand claims: what it is served. */
export function keptClaim(node: string, offer: Offer): Claim {
  const { type, vmid, nic, network, mac } = offer
  return { type, vmid, nic, node, network, mac, address: addressOf(offer), where: { file: `${vmid}.conf` } }
}

function missingProblem(
  { unreadable, complete }: DhcpInput,
  { links }: DhcpObservation,
  offer: Offer,
): Problem[] {
  if (unreadable.has(offer.vmid) || !complete || !links.has(offer.link)) return []
  return [
    {
      code: 'config-missing',
      message: `${describeNic(offer)} still has its port ${offer.link} here, but no node has a configuration for it; it goes on being served until the port is gone.`,
      vmid: offer.vmid,
      nic: offer.nic,
    },
  ]
}

/** What is served at guests' ports now. */
export function offersInUse(observation: DhcpObservation): Offer[] {
  return servedByImportance(observation)
    .flatMap(({ offers }) => offers)
    .filter(({ link }) => observation.ports.chains.has(link))
}

/** Which server has each lease now. */
function serversByLease(observation: DhcpObservation): Map<string, ServerId> {
  return serversOf(...servedByImportance(observation))
}

/** The same while all serve the same. */
const serversOf = memoOfLast(
  (...served: readonly Served[]): Map<string, ServerId> =>
    new Map(
      served.flatMap(({ server, offers }) => offers.map(offer => [leaseKeyOfOffer(offer), server] as const)),
    ),
)

/** What the Keas of this node serve; one that requests are sent to comes after, and so counts more than, one on its way out. */
function servedByImportance({ slots, ports }: DhcpObservation): Served[] {
  const destinations = new Set(ports.switches.values())
  const isSwitchedTo = ({ link }: Slot) => destinations.has(link)
  return [...slots.filter(slot => !isSwitchedTo(slot)), ...slots.filter(isSwitchedTo)].flatMap(
    ({ kea }) => kea?.serves ?? [],
  )
}

function servicesOf(servers: Servers): Service[] {
  return [...servers].flatMap(([server, offers]) => offers.map(offer => serviceOf(offer, server)))
}
