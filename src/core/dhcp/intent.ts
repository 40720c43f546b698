import type { Guest } from '../guest/guest.ts'
import { linkNameOf } from '../guest/guest.ts'
import type { Links } from '../node/link.ts'
import type { Problem } from '../problem/problem.ts'
import type { Port } from './change.ts'
import { type Claim, placeOf, ruleOnAddresses, ruleOnMacs } from './claims.ts'
import type { DhcpObservation, Kea, Slot } from './observation.ts'
import { describeNic, nicKeyOf, type Offer } from './offer.ts'
import { type OfferContext, offersOf, type Refusal, type Resolver } from './offers.ts'
import { assignServers, leaseKeyOf, type ServerNumber, type Servers } from './servers.ts'

/** What was read of the cluster, the policy and the host. */
export interface IntentInput {
  /** The name of this node. */
  readonly node: string
  /** Every guest of the cluster whose configuration could be read. */
  readonly guests: readonly Guest[]
  /** Guests that exist but could not be read. */
  readonly unreadable: ReadonlySet<number>
  /** False: guests may be missing from `guests`, so nothing may be concluded from their absence. */
  readonly complete: boolean
  /** Guests that the cluster's status calls running, wherever. */
  readonly running: ReadonlySet<number>
  /** DHCP is to be served at all. */
  readonly enabled: boolean
  readonly isServed: OfferContext['isServed']
  readonly resolver: Resolver
  readonly vnetsWithDhcp: ReadonlySet<string>
}

/** What should be. */
export interface Intent {
  readonly servers: Servers
  /** The links of running guests that are served. */
  readonly ports: readonly Port[]
  readonly offers: readonly Offer[]
  /** NICs of this node with a static address that get no offer. */
  readonly refused: readonly Refusal[]
  readonly problems: readonly Problem[]
}

/** From what was read to what should be. Pure; what is served already only decides who keeps a contested address. */
export function intend(input: IntentInput, observation: DhcpObservation): Intent {
  if (!input.enabled) return { servers: new Map(), ports: [], offers: [], refused: [], problems: [] }
  const context: OfferContext = { ...input, links: observation.links }
  const problems: Problem[] = []
  const refused: Refusal[] = []
  const claims: Claim[] = []
  const claimOf = claimMaker(input, observation)
  for (const guest of input.guests.filter(guest => isHere(guest, input.node, observation.links))) {
    const made = offersOf(guest, context)
    problems.push(...guest.problems, ...made.problems)
    refused.push(...made.refused)
    claims.push(...made.offers.map(offer => claimOf(guest, offer)))
  }
  const kept = keptClaims(input, observation, claims)
  claims.push(...kept)
  problems.push(
    ...kept
      .filter(claim => claim.runningHere && input.complete)
      .flatMap(claim => missingProblem(input, claim)),
  )

  const rivals = rivalClaims(input, claims, context, claimOf)
  const isOurs = (claim: Claim) => !rivals.includes(claim)
  const byAddress = ruleOnAddresses([...claims, ...rivals])
  const byMac = ruleOnMacs(byAddress.held.filter(isOurs))
  for (const { claim, problem } of [
    ...byAddress.refused.filter(({ claim }) => isOurs(claim)),
    ...byMac.refused,
  ]) {
    problems.push(problem)
    refused.push({ vmid: claim.offer.vmid, nic: claim.offer.nic, reason: problem.message })
  }
  const offers = byMac.held.map(claim => claim.offer)
  const servers = assignServers(offers, serversByLease(observation))
  return { servers, ports: portsOf(servers, observation.links), offers, refused, problems }
}

/** Configured here, or with a port here: on its way in or out by live migration. */
function isHere(guest: Guest, node: string, links: Links): boolean {
  return guest.node === node || guest.nics.some(nic => links.has(linkNameOf(guest, nic.index)))
}

function claimMaker(input: IntentInput, observation: DhcpObservation): (guest: Guest, offer: Offer) => Claim {
  const served = serversByLease(observation)
  return (guest, offer) => {
    const runningHere = observation.links.has(offer.link)
    return {
      offer,
      node: guest.node,
      file: guest.file,
      line: guest.nics.find(nic => nic.index === offer.nic)?.line ?? 1,
      runningHere,
      servedHere: runningHere && observation.ports.chains.has(offer.link) && served.has(leaseKeyOf(offer)),
      runningElsewhere: guest.node !== input.node && input.running.has(guest.vmid),
    }
  }
}

/**
 * Offers that are served now and stay although their guest's configuration is not at hand: it cannot be read at the
 * moment, or it is gone while the guest's port is still here (the blink of a migration, a guest being moved away).
 */
function keptClaims(input: IntentInput, observation: DhcpObservation, known: readonly Claim[]): Claim[] {
  const knownGuests = new Set(input.guests.map(guest => guest.vmid))
  const knownNics = new Set(known.map(claim => nicKeyOf(claim.offer)))
  const kept = new Map<string, Claim>()
  for (const kea of keasByImportance(observation)) {
    for (const offer of kea.offers) {
      const isRunning = observation.links.has(offer.link)
      const isMissing = !knownGuests.has(offer.vmid)
      const isKept = isMissing && (isRunning || !input.complete || input.unreadable.has(offer.vmid))
      const key = nicKeyOf(offer)
      if (!isKept || knownNics.has(key)) continue
      kept.set(key, {
        offer,
        node: input.node,
        file: `${offer.vmid}.conf`,
        line: 1,
        runningHere: isRunning,
        servedHere: isRunning,
        runningElsewhere: false,
      })
    }
  }
  return [...kept.values()]
}

function missingProblem({ unreadable }: IntentInput, { offer }: Claim): Problem[] {
  if (unreadable.has(offer.vmid)) return []
  return [
    {
      code: 'config-missing',
      message: `${describeNic(offer)} still has its port ${offer.link} here, but no node has a configuration for it; it goes on being served until the port is gone.`,
      vmid: offer.vmid,
      nic: offer.nic,
    },
  ]
}

/** Guests elsewhere, or here and not to be served, that want an address some guest here wants too. */
function rivalClaims(
  input: IntentInput,
  claims: readonly Claim[],
  context: OfferContext,
  claimOf: (guest: Guest, offer: Offer) => Claim,
): Claim[] {
  const places = new Set(claims.map(claim => placeOf(claim.offer)))
  const ours = new Set(claims.map(claim => claim.offer.vmid))
  const everywhere: OfferContext = { ...context, isServed: () => true }
  return input.guests
    .filter(guest => !ours.has(guest.vmid) && wantsAnyOf(guest, places))
    .flatMap(guest => offersOf(guest, everywhere).offers.map(offer => claimOf(guest, offer)))
    .filter(claim => places.has(placeOf(claim.offer)))
}

function wantsAnyOf(guest: Guest, places: ReadonlySet<string>): boolean {
  return guest.nics.some(({ addressing: { ip }, bridge, tag }) => {
    if (!ip || ip === 'dhcp' || ip === 'manual' || bridge === undefined) return false
    return places.has(placeOf({ network: tag === undefined ? { bridge } : { bridge, tag }, address: ip }))
  })
}

/** Which server has each lease now. */
function serversByLease(observation: DhcpObservation): Map<string, ServerNumber> {
  return new Map(
    keasByImportance(observation).flatMap(kea =>
      kea.offers.map(offer => [leaseKeyOf(offer), kea.server] as const),
    ),
  )
}

/** The Keas of this node; one that requests are sent to comes after, and so counts more than, one on its way out. */
function keasByImportance({ slots, ports }: DhcpObservation): Kea[] {
  const destinations = new Set(ports.switches.values())
  const isSwitchedTo = ({ link }: Slot) => destinations.has(link)
  return [...slots.filter(slot => !isSwitchedTo(slot)), ...slots.filter(isSwitchedTo)].flatMap(
    ({ kea }) => kea ?? [],
  )
}

function portsOf(servers: Servers, links: Links): Port[] {
  return [...servers].flatMap(([server, offers]) =>
    offers.flatMap(offer => {
      const link = links.get(offer.link)
      return link ? [{ link: link.name, ifindex: link.ifindex, server, offer }] : []
    }),
  )
}
