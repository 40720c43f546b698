import type { Problem } from '../problem/problem.ts'
import { contend } from '../ruling/contend.ts'
import { addressOf4 } from '../values/address.ts'
import { describeNetwork } from '../values/network.ts'
import { describeNic, type Offer } from './offer.ts'

/** A guest's wish for an address, and how strong it is. */
export interface Claim {
  readonly offer: Offer
  /** The cluster node whose folder holds the guest's configuration. */
  readonly node: string
  readonly file: string
  readonly line: number
  /** Its port is on this node. */
  readonly runningHere: boolean
  /** Its port is on this node, and is being served this very offer. */
  readonly servedHere: boolean
  /** It runs on another node, as far as the cluster's status tells. */
  readonly runningElsewhere: boolean
}

export interface Ruling {
  readonly held: readonly Claim[]
  readonly refused: readonly { readonly claim: Claim; readonly holder: Claim; readonly problem: Problem }[]
}

/** An address in a network: what only one guest of the cluster can have. */
export function placeOf({ network, address }: Pick<Offer, 'network' | 'address'>): string {
  return `${describeNetwork(network)} ${addressOf4(address)}`
}

/** The same address twice in one network, anywhere in the cluster: one guest holds it, the others get nothing. */
export function ruleOnAddresses(claims: readonly Claim[]): Ruling {
  return rule(
    claims,
    ({ offer }) => placeOf(offer),
    (claim, holder) => ({
      code: 'address-duplicate',
      message: `${describeNic(claim.offer)} has the address ${addressOf4(claim.offer.address)} that ${describeNic(holder.offer)} on node ${holder.node} holds in the same network, ${describeNetwork(claim.offer.network)}; it is not offered to both.`,
      remedy: 'Give one of them another address.',
    }),
  )
}

/** The same MAC twice on one node: answers could not be told apart, so only one of the ports is served. */
export function ruleOnMacs(claims: readonly Claim[]): Ruling {
  return rule(
    claims,
    ({ offer }) => offer.mac,
    (claim, holder) => ({
      code: 'mac-duplicate',
      message: `${describeNic(claim.offer)} has the MAC address ${claim.offer.mac} that ${describeNic(holder.offer)} has on the same node, so their DHCP messages cannot be told apart; only the latter is served.`,
      remedy: 'Give one of them another MAC address.',
    }),
  )
}

function rule(
  claims: readonly Claim[],
  wishOf: (claim: Claim) => string,
  problemOf: (claim: Claim, holder: Claim) => Problem,
): Ruling {
  const contenders = claims.map(claim => ({ ...claim, vmid: claim.offer.vmid, nic: claim.offer.nic, claim }))
  const { held, lost } = contend(contenders, ({ claim }) => wishOf(claim))
  return {
    held: held.map(({ claim }) => claim),
    refused: lost.map(({ claim: { claim, vmid, nic, file, line }, holder }) => ({
      claim,
      holder: holder.claim,
      problem: { ...problemOf(claim, holder.claim), file, line, vmid, nic },
    })),
  }
}
