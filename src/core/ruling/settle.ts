import type { Claim } from './claim.ts'
import { type Contested, contend, type Outcome } from './contend.ts'
import type { HolderChange } from './record.ts'
import { isAwayLately, isRecorded, isRunning, STRENGTH, type StandingInput, strengthFor } from './standing.ts'

/** Seconds that several running guests wait for one another's nodes before one of them takes what none has. */
const PATIENCE = 15

/**
 * Seconds that the other nodes have to write down that a guest of theirs has something in use, before a guest here that only
 * runs takes it. They look every second, and what the cluster's status says of their guests is older than that.
 */
const NOTICE = 5

export interface SettleInput extends StandingInput {
  /** Whether the cluster has a quorum, so that records can be written. */
  readonly quorate: boolean
  /** Unix seconds since when it has been open who holds something, and could have been written down; `undefined`: since now. */
  readonly openSince: (place: string) => number | undefined
}

/** Who holds what, what is still open, and what this node has to write down. */
export interface Settlement {
  readonly held: readonly Claim[]
  readonly lost: Outcome<Claim>['lost']
  /** Claims that nobody beats, but that may not be granted before it is written down; and whom they wait for, if for anybody. */
  readonly open: readonly { readonly claim: Claim; readonly place: string; readonly rival?: Claim }[]
  readonly wishes: readonly HolderChange[]
  readonly contested: Contested<Claim>
}

/**
 * Settles who holds what. What one guest wants is its own. What several want is held by whom the cluster has written down; a
 * guest that has it in use keeps it while that is being done, and one that only runs has it once that is done, unless all that
 * want it are on one node: two nodes that know different things never grant it to two guests. Stopped guests hold what nobody
 * else wants who runs.
 */
export function settle(
  claims: readonly Claim[],
  placesOf: (claim: Claim) => readonly string[],
  input: SettleInput,
): Settlement {
  const strength = (claim: Claim, contested: readonly string[]) =>
    Math.min(...contested.map(place => strengthFor(claim, place, input)))
  const isOutdone = (claim: Claim, place: string) =>
    isRecordedForAnother(claim, place, claims, placesOf, input)
  // Each claim needs all its places: what is another's by the record is not got by being as strong elsewhere.
  const rank = (claim: Claim, places: readonly string[]) =>
    places.some(place => isOutdone(claim, place)) ? OUTDONE : strength(claim, places)
  const { held: granted, lost, contested } = contend(claims, rank, placesOf)
  if (contested.size === 0) return { held: granted, lost, open: [], wishes: [], contested }
  const held: Claim[] = []
  const open: { claim: Claim; place: string; rival?: Claim }[] = []
  const wishes: HolderChange[] = []
  for (const claim of granted) {
    const unwritten = placesOf(claim).filter(
      place => isContestedByOthers(claim, contested.get(place)) && !isRecorded(claim, place, input),
    )
    const [first] = unwritten
    const isSettled =
      strength(claim, unwritten) !== STRENGTH.running ||
      unwritten.every(place => isOurMatter(claim, place, contested, input))
    if (first === undefined || isSettled) held.push(claim)
    else {
      const rival = rivalInTheWay(claim, first, contested, input)
      open.push({ claim, place: first, ...(rival && { rival }) })
    }
    for (const place of unwritten) wishes.push(...wishOf(claim, place, contested, input))
  }
  return { held, lost, open, wishes, contested }
}

/** Weaker than any strength. */
const OUTDONE = 0

function isRecordedForAnother(
  claim: Claim,
  place: string,
  claims: readonly Claim[],
  placesOf: (claim: Claim) => readonly string[],
  input: SettleInput,
): boolean {
  const record = input.records.get(place)
  if (typeof record !== 'object' || (record.vmid === claim.vmid && record.nic === claim.nic)) return false
  return claims.some(
    other => other.vmid === record.vmid && isRecorded(other, place, input) && placesOf(other).includes(place),
  )
}

function isContestedByOthers({ vmid }: Claim, rivals: readonly Claim[] = []): boolean {
  return rivals.some(rival => rival.vmid !== vmid)
}

/** All that want it are this node's, so no other node can grant it, and nobody is in the way. */
function isOurMatter(claim: Claim, place: string, contested: Contested<Claim>, input: SettleInput): boolean {
  const isOurs = contested.get(place)?.every(({ node }) => node === input.node)
  const isBusy = input.records.get(place) === 'being written'
  return isOurs === true && !isBusy && !rivalInTheWay(claim, place, contested, input)
}

/** A rival that has a better right as far as this node knows: it runs elsewhere, or ran until lately. */
function rivalInTheWay(
  claim: Claim,
  place: string,
  contested: Contested<Claim>,
  input: SettleInput,
): Claim | undefined {
  return contested
    .get(place)
    ?.find(
      rival =>
        rival.vmid !== claim.vmid &&
        ((isRunning(rival, input) && !input.isHere(rival)) || isAwayLately(rival, place, input)),
    )
}

/** What this node writes down: for guests of its own that have it in use or had it until lately, or that run and have nobody in the way. */
function wishOf(
  claim: Claim,
  place: string,
  contested: Contested<Claim>,
  input: SettleInput,
): HolderChange[] {
  const { node, records, now, isHere, quorate } = input
  const found = records.get(place)
  if (!quorate || found === 'being written' || (claim.node !== node && !isHere(claim))) return []
  const strength = strengthFor(claim, place, input)
  const mayTake =
    strength >= STRENGTH['used lately'] || (isHere(claim) && isFree(claim, place, contested, input))
  if (!mayTake) return []
  const { vmid, nic } = claim
  return [
    { kind: 'holder-record', place, record: { vmid, nic, node, since: now }, replaces: found !== undefined },
  ]
}

/** Nobody is in the way; or those of other nodes have had the time to be written down, and were not. */
function isFree(claim: Claim, place: string, contested: Contested<Claim>, input: SettleInput): boolean {
  const waiting = input.now - (input.openSince(place) ?? input.now)
  const rivals = contested.get(place)?.filter(({ vmid }) => vmid !== claim.vmid) ?? []
  return rivals.every(rival => {
    if (isAwayLately(rival, place, input)) return false
    if (rival.node === input.node || input.isHere(rival)) return true
    return waiting > (isRunning(rival, input) ? PATIENCE : NOTICE)
  })
}
