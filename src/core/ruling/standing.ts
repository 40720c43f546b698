import type { Claim } from './claim.ts'
import type { HolderRecord, HolderRecords } from './record.ts'

/** What is known of where guests run, of what is in use here, and of what the cluster has written down. */
export interface StandingInput {
  readonly node: string
  /** Whether the NIC's port is on this node. */
  readonly isHere: (claim: Claim) => boolean
  /**
   * Whether the claimed address is in use at the NIC's port here, served by DHCP or known to the kernel; or was until lately,
   * while its guest's configuration is here.
   */
  readonly isInUse: (claim: Claim) => boolean
  /** Guests that the cluster's status calls running, wherever; `undefined`: nothing tells. */
  readonly running: ReadonlySet<number> | undefined
  /** Unix seconds when a guest was last seen running; `undefined`: never since this agent looks. */
  readonly lastSeen: (vmid: number) => number | undefined
  readonly records: HolderRecords
  /** Unix seconds when this very record was first seen; `undefined`: it is new. */
  readonly recordSeen: (place: string, record: HolderRecord) => number | undefined
  /** Seconds that a guest keeps what it held after it was last seen running. */
  readonly grace: number
  /** Unix seconds. */
  readonly now: number
  /** Unix seconds since when this agent looks. */
  readonly lookingSince: number
}

/**
 * How strong a claim to one thing is. What the cluster has written down counts most, so that all nodes say the same; then what
 * is in use, which is written down next; then what was until lately, as by a guest that is being started anew; then who runs;
 * then the others.
 */
export const STRENGTH = { stopped: 1, running: 2, 'used lately': 3, 'in use': 4, recorded: 5 } as const

export function strengthFor(claim: Claim, place: string, input: StandingInput): number {
  if (isRecorded(claim, place, input)) return STRENGTH.recorded
  if (input.isInUse(claim) && !hasLetGo(claim, place, input)) {
    if (input.isHere(claim)) return STRENGTH['in use']
    // What it had in use is still there for a moment after it has gone: that makes its time no longer.
    if (input.now < keptUntil(claim, input)) return STRENGTH['used lately']
  }
  return isRunning(claim, input) ? STRENGTH.running : STRENGTH.stopped
}

/** Whether the cluster has it written down that the NIC holds this, and it counts still. */
export function isRecorded(claim: Claim, place: string, input: StandingInput): boolean {
  const record = input.records.get(place)
  return typeof record === 'object' && isOf(record, claim) && keeps(claim, place, record, input)
}

/** Of its own guests a node sees the ports; the cluster's status is some seconds old. */
export function isRunning(claim: Claim, { node, isHere, running }: StandingInput): boolean {
  return isHere(claim) || (claim.node !== node && running?.has(claim.vmid) === true)
}

/** Unix seconds until when a guest that is away keeps what it held. */
export function keptUntil({ vmid }: Claim, { lastSeen, lookingSince, grace }: StandingInput): number {
  return (lastSeen(vmid) ?? lookingSince) + grace
}

/** Whether a guest may come back to what it held although nothing is written down: it ran until lately. */
export function isAwayLately(claim: Claim, place: string, input: StandingInput): boolean {
  if (hasLetGo(claim, place, input)) return false
  const seen = input.lastSeen(claim.vmid)
  return !isRunning(claim, input) && seen !== undefined && input.now < seen + input.grace
}

/** It was asked to let go, and has not come back since. */
function hasLetGo(claim: Claim, place: string, input: StandingInput): boolean {
  const record = input.records.get(place)
  return (
    typeof record === 'object' && isOf(record, claim) && record.released === true && !isRunning(claim, input)
  )
}

/**
 * It runs, or has been away for less than the time of grace; of another node's guest that may be all that is known. Its node wrote
 * the record because it ran, which the cluster's status tells only seconds later.
 */
function keeps(claim: Claim, place: string, record: HolderRecord, input: StandingInput): boolean {
  // Who comes back after it has let go is written down anew.
  if (record.released === true) return false
  const mayRun = isRunning(claim, input) || (claim.node !== input.node && input.running === undefined)
  const isNew = input.now < (input.recordSeen(place, record) ?? input.now) + input.grace
  return mayRun || isNew || input.now < keptUntil(claim, input)
}

function isOf(record: HolderRecord, { vmid, nic }: Claim): boolean {
  return record.vmid === vmid && record.nic === nic
}
