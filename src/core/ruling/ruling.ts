import { describeNic } from '../guest/names.ts'
import type { Problem } from '../problem/problem.ts'
import type { Refusal } from '../problem/refusal.ts'
import { utc } from '../text/utc.ts'
import { memoOfLast } from '../values/memo.ts'
import { describeNetwork } from '../values/network.ts'
import { addressPlaceOf, announcedPlaceOf, type Claim, macPlaceOf } from './claim.ts'
import type { HolderChange } from './record.ts'
import { type SettleInput, type Settlement, settle } from './settle.ts'
import { isRunning, keptUntil, type StandingInput } from './standing.ts'
import { claimsOfGuest, ownPlacesOf, suspectsAmong, suspectsAnnounced } from './suspects.ts'
import type { NicAndAddress, Ruling } from './verdict.ts'

export interface RulingInput extends SettleInput {
  /** Every claim of the cluster, and those of guests whose configuration is not at hand but who are served. */
  readonly claims: readonly Claim[]
  /** Whether an address of that network is to be announced; routes know no networks. */
  readonly isAnnounced: (claim: Claim) => boolean
  /** Guests that have a port on this node; absent: `isHere` is asked of each claim. */
  readonly vmidsHere?: ReadonlySet<number>
  /** Every guest could be read: records of what nobody else wants any more may go. */
  readonly complete: boolean
}

/**
 * An address in a network is held by one NIC of the cluster, a MAC by one NIC of a node. The strongest claim is granted what
 * it needs, then the next, so nothing is left to nobody while somebody claims it who may have it, and the order in which claims
 * come does not matter. Of addresses held in several networks, one is announced.
 */
export function rule(input: RulingInput): Ruling {
  const suspects = suspectsAmong(input.claims, travelling(input))
  const holding = settleAmong(input.claims, suspects, claim => placesOf(claim, input), input)
  const announced = announcedAmong(holding.held, input.isAnnounced)
  const announcing = settleAmong(
    announced,
    suspectsAnnounced(announced),
    claim => [announcedPlaceOf(claim)],
    input,
  )
  const refusals = refusalsIn(holding, input, (claim, holder, place) =>
    place === addressPlaceOf(claim) ? addressRefusal(claim, holder, input) : macRefusal(claim, holder),
  )
  const announceRefusals = refusalsIn(announcing, input, announceRefusal)
  const contested = new Set(
    [holding, announcing].flatMap(settled => [...settled.contested.values()].flat()).map(keyOf),
  )
  return {
    refusalOf: ANSWERS.refusal(refusals),
    announceRefusalOf: ANSWERS.announceRefusal(announceRefusals),
    isContested: foundIn(contested),
    changes: [...holding.wishes, ...announcing.wishes, ...forgotten([holding, announcing], input)],
    open: [...holding.open, ...announcing.open].map(({ place, claim: { vmid, nic } }) => ({
      place,
      vmid,
      nic,
    })),
    waits: [holding, announcing].some(({ lost }) => lost.some(loss => isForATime(loss, input))),
    problems: [holding, announcing].flatMap(settled => contestedHere(settled, input)),
  }
}

// The answers to the next run are the same functions while they say the same, so that what follows from them need not be found again.

const ANSWERS = { refusal: refusedBy(), announceRefusal: refusedBy() }

/** It is asked for each address, and mostly there is none. */
function refusedBy() {
  return memoOfLast(
    (refusals: ReadonlyMap<string, Refusal>) =>
      (nic: NicAndAddress): Refusal | undefined =>
        refusals.size === 0 ? undefined : refusals.get(keyOf(nic)),
    refusals => [JSON.stringify([...refusals])],
  )
}

const foundIn = memoOfLast(
  (all: ReadonlySet<string>) =>
    (nic: NicAndAddress): boolean =>
      all.size > 0 && all.has(keyOf(nic)),
  all => [...all].toSorted(),
)

const announcedAmong = memoOfLast((held: readonly Claim[], isAnnounced: RulingInput['isAnnounced']) =>
  held.filter(isAnnounced),
)

/** Settles between those that may contest something; nobody wants what the others want. */
function settleAmong(
  claims: readonly Claim[],
  suspects: ReadonlySet<Claim>,
  placesOf: (claim: Claim) => readonly string[],
  input: RulingInput,
): Settlement {
  const settled = settle([...suspects], placesOf, input)
  if (settled.contested.size === 0) return { ...settled, held: claims }
  return { ...settled, held: [...claims.filter(claim => !suspects.has(claim)), ...settled.held] }
}

/** Claims of other nodes' guests that have a port here, with what they want besides for that. */
function travelling(input: RulingInput): { claim: Claim; place: string }[] {
  const { claims, node, isHere, vmidsHere } = input
  const present = vmidsHere ? [...vmidsHere].flatMap(vmid => claimsOfGuest(claims, vmid)) : claims
  return present
    .filter(claim => claim.node !== node && isHere(claim))
    .map(claim => ({ claim, place: macPlaceOf({ ...claim, node }) }))
}

/** Who does not run keeps what it held from one that does for a time only, and nothing tells when that ends. */
function isForATime({ claim, holder }: Settlement['lost'][number], input: StandingInput): boolean {
  return input.isHere(claim) && !isRunning(holder, input)
}

/** A guest on its way here or away has its port here: then its MAC is one of this node's, too. */
function placesOf(claim: Claim, { node, isHere }: StandingInput): string[] {
  const own = [...ownPlacesOf(claim)]
  return claim.node !== node && isHere(claim) ? [...own, macPlaceOf({ ...claim, node })] : own
}

/** All that a claim may be contested for. */
export function placesOfClaim(claim: Claim): string[] {
  return [addressPlaceOf(claim), macPlaceOf(claim), announcedPlaceOf(claim)]
}

function keyOf({ vmid, nic, address }: NicAndAddress): string {
  return `${vmid}/${nic} ${address}`
}

function refusalsIn(
  { lost, open }: Settlement,
  input: RulingInput,
  refusalOf: (claim: Claim, holder: Claim, place: string) => Refusal,
): Map<string, Refusal> {
  return new Map([
    ...lost.map(({ claim, holder, place }) => [keyOf(claim), refusalOf(claim, holder, place)] as const),
    ...open.map(
      ({ claim, place, rival }) => [keyOf(claim), openRefusal(claim, place, rival, input)] as const,
    ),
  ])
}

/** Records of what is no longer contested, written here or of guests that are no more. */
function forgotten(
  settled: readonly Settlement[],
  { records, node, claims, complete, quorate }: RulingInput,
): HolderChange[] {
  if (!complete || !quorate || records.size === 0) return []
  const vmids = new Set<number>(claims.map(({ vmid }) => vmid))
  return [...records].flatMap(([place, record]) => {
    const isContested = settled.some(({ contested }) => contested.has(place))
    const isOurs = typeof record === 'object' && (record.node === node || !vmids.has(record.vmid))
    return !isContested && isOurs ? [{ kind: 'holder-forget', place } as const] : []
  })
}

/** On the holder's node, too, it is told that a running guest wants what it has. */
function contestedHere({ lost, held }: Settlement, input: RulingInput): Problem[] {
  if (lost.length === 0) return []
  const holders = new Set(held)
  return lost
    .filter(
      ({ claim, holder }) =>
        holders.has(holder) &&
        holder.node === input.node &&
        // What is refused here is told by the refusal.
        claim.node !== input.node &&
        isRunning(claim, input),
    )
    .map(({ claim, holder, place }) => ({
      code: 'address-contested',
      message: `${describeNic(holder)} holds ${place}, which ${describeNic(claim)} on node ${claim.node} wants, too, and does not get.`,
      remedy: 'Give one of them another.',
      ...holder.where,
      vmid: holder.vmid,
      nic: holder.nic,
    }))
}

function addressRefusal({ address, network, where }: Claim, holder: Claim, input: StandingInput): Refusal {
  const away = isRunning(holder, input) ? '' : awayText(holder, input)
  return {
    code: 'held-by-another',
    message: `${describeNic(holder)} on node ${holder.node} holds ${address} in the same network, ${describeNetwork(network)}${away}`,
    remedy: away === '' ? 'Give one of them another address.' : hurry(holder),
    where,
  }
}

/** A guest that is away keeps what it held for a while. */
function awayText(holder: Claim, input: StandingInput): string {
  const until = keptUntil(holder, input)
  if (input.now >= until) return ''
  return `; it does not run now, and keeps that until ${utc(until * 1000)}`
}

function hurry({ vmid }: Claim): string {
  return `Give one of them another address; to have it at once, run "guestnet release ${vmid}".`
}

function openRefusal(claim: Claim, place: string, rival: Claim | undefined, input: SettleInput): Refusal {
  const { where } = claim
  if (rival && !isRunning(rival, input)) {
    return {
      code: 'reserved-for-another',
      message: `${describeNic(rival)} on node ${rival.node} ran until lately and wants ${place}, too${awayText(rival, input)}`,
      remedy: hurry(rival),
      where,
    }
  }
  if (!input.quorate) {
    return {
      code: 'no-quorum',
      message: `several guests want ${place}, and without a quorum the cluster cannot write down who holds it`,
      remedy:
        'Bring the other nodes back; "pvecm status" shows them. Better, give one of the guests another address.',
      where,
    }
  }
  return {
    code: 'not-settled',
    message: `several guests want ${place}, and the cluster is about to write down who holds it`,
    remedy: 'Wait some seconds. Better, give one of them another address.',
    where,
  }
}

function macRefusal({ mac, where }: Claim, holder: Claim): Refusal {
  return {
    code: 'mac-held-by-another',
    message: `${describeNic(holder)} on the same node has the MAC address ${mac}, too, so their DHCP messages cannot be told apart`,
    remedy: 'Give one of them another MAC address.',
    where,
  }
}

function announceRefusal({ address, where }: Claim, holder: Claim): Refusal {
  return {
    code: 'announced-for-another',
    message: `${address} is announced for ${describeNic(holder)} on node ${holder.node}, in ${describeNetwork(holder.network)}, and routers know no networks`,
    remedy: 'Give one of them another address, or announce one of the networks only.',
    where,
  }
}
