import type { Claim } from './claim.ts'

/** What is known of where guests run, and of what is in use here. */
export interface StandingInput {
  readonly node: string
  /** Guests that the cluster's status calls running, wherever. */
  readonly running: ReadonlySet<number>
  /** Whether the NIC's port is on this node. */
  readonly isHere: (claim: Claim) => boolean
  /** Whether the claimed address is in use at the NIC's port here: served by DHCP, or known to the kernel. */
  readonly isInUse: (claim: Claim) => boolean
}

/** How strong a claim is; the stronger one holds. */
const STANDING = { stopped: 0, 'runs elsewhere': 1, 'runs here': 2, 'holds it here': 3 } as const

export function standingOf(claim: Claim, { node, running, isHere, isInUse }: StandingInput): number {
  if (isHere(claim)) return isInUse(claim) ? STANDING['holds it here'] : STANDING['runs here']
  return claim.node !== node && running.has(claim.vmid) ? STANDING['runs elsewhere'] : STANDING.stopped
}
