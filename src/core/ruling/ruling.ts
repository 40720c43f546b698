import { describeNic } from '../guest/names.ts'
import type { Refusal } from '../problem/refusal.ts'
import { describeNetwork } from '../values/network.ts'
import { addressPlaceOf, type Claim, macPlaceOf } from './claim.ts'
import { contend } from './contend.ts'
import { type StandingInput, standingOf } from './standing.ts'
import type { NicAndAddress, Ruling } from './verdict.ts'

export interface RulingInput extends StandingInput {
  /** Every claim of the cluster, and those of guests whose configuration is not at hand but who are served. */
  readonly claims: readonly Claim[]
  /** Whether an address of that network is to be announced; routes know no networks. */
  readonly isAnnounced: (claim: Claim) => boolean
}

/**
 * An address in a network is held by one NIC of the cluster, a MAC by one NIC of a node. The strongest claim is granted what
 * it needs, then the next, so nothing is left to nobody while somebody claims it who may have it, and the order in which claims
 * come does not matter. Of addresses held in several networks, one is announced.
 */
export function rule(input: RulingInput): Ruling {
  const strength = (claim: Claim) => standingOf(claim, input)
  const { held, lost } = contend(input.claims, strength, claim => placesOf(claim, input))
  const announced = contend(held.filter(input.isAnnounced), strength, ({ address }) => [address])
  const refusals = new Map(
    lost.map(({ claim, holder, place }) => [
      keyOf(claim),
      place === addressPlaceOf(claim) ? addressRefusal(claim, holder) : macRefusal(claim, holder),
    ]),
  )
  const announceRefusals = new Map(
    announced.lost.map(({ claim, holder }) => [keyOf(claim), announceRefusal(claim, holder)]),
  )
  return {
    refusalOf: nic => refusals.get(keyOf(nic)),
    announceRefusalOf: nic => announceRefusals.get(keyOf(nic)),
  }
}

/** A guest on its way here or away has its port here: then its MAC is one of this node's, too. */
function placesOf(claim: Claim, { node, isHere }: StandingInput): string[] {
  const own = [addressPlaceOf(claim), macPlaceOf(claim)]
  return claim.node !== node && isHere(claim) ? [...own, macPlaceOf({ ...claim, node })] : own
}

function keyOf({ vmid, nic, address }: NicAndAddress): string {
  return `${vmid}/${nic} ${address}`
}

function addressRefusal({ address, network, where }: Claim, holder: Claim): Refusal {
  return {
    code: 'held-by-another',
    message: `${describeNic(holder)} on node ${holder.node} holds ${address} in the same network, ${describeNetwork(network)}`,
    remedy: 'Give one of them another address.',
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
