import { randomInt } from 'node:crypto'
import { clientOf } from '../core/dhcp/client6.ts'
import { knownAs } from '../core/dhcp/knownAs.ts'
import type { Lease } from '../core/dhcp/lease.ts'
import { answerTo, offeredAddress, solicitFrame } from '../core/dhcp/message6.ts'
import { addressOf, type Offer } from '../core/dhcp/offer.ts'
import type { Step } from '../core/report/step.ts'
import { type Address, isIpv4 } from '../core/values/address.ts'
import type { Mac } from '../core/values/mac.ts'
import { arpProbe, holderIn } from './arpFrame.ts'
import { discoverFrame, offeredIn } from './dhcpFrame.ts'
import { neighbourIn, neighbourSolicitation } from './ndpFrame.ts'
import { senderOn } from './sender.ts'
import { askOnWire } from './wire.ts'

/** Milliseconds in which a Kea that is well has answered, also on a busy node. */
const KEA_ANSWERS = 3000

/** Milliseconds that another holder of an address has: hosts answer ARP within one, and not all at once. */
const HOLDERS_ANSWER = 500

/**
 * Asks Kea in the guest's name, who has this lease if any, at the link to which the guest's port sends its requests. The answer comes to the guest as
 * well, which ignores what it has not asked for: it bears another `xid` (RFC 2131, section 4.4.1).
 */
export async function exchangeStep(offer: Offer, link: string, lease: Lease | undefined): Promise<Step> {
  const step = 'exchange'
  const { mac } = offer
  const wanted = addressOf(offer)
  const { name, frame, enough, read } =
    offer.family === 'ipv4' ? discovery(offer) : solicitation(offer, lease)
  const asked = await askOnWire({ link, frames: [frame], enough }, KEA_ANSWERS)
  if ('failure' in asked) {
    return {
      step,
      state: 'broken',
      detail: `Kea could not be asked: ${asked.failure}`,
      remedy: 'Run guestnet doctor.',
    }
  }
  const [offered] = asked.frames.flatMap(answer => read(answer) ?? [])
  if (offered === wanted) return { step, state: 'good', detail: `Kea offers ${wanted} to ${mac} when asked` }
  return {
    step,
    state: 'broken',
    detail:
      offered === undefined
        ? `Kea does not answer a ${name} of ${mac} within ${KEA_ANSWERS / 1000} s`
        : `Kea offers ${offered} to ${mac} in place of ${wanted}`,
    remedy: 'The agent repairs it within seconds; if it does not, run guestnet doctor.',
  }
}

/** A question that takes nothing, and how its answer is told and read. */
interface Inquiry {
  readonly name: string
  readonly frame: string
  readonly enough: string
  readonly read: (frame: string) => Address | undefined
}

function discovery({ mac }: Offer): Inquiry {
  const xid = randomInt(1, 0xffff_ffff)
  return {
    name: 'DISCOVER',
    frame: discoverFrame(mac, xid),
    enough: `02010600${xid.toString(16).padStart(8, '0')}`,
    read: frame => offeredIn(frame, mac, xid),
  }
}

/** As the client that has the lease: Kea offers an address to nobody else while it is leased. */
function solicitation(offer: Offer, lease: Lease | undefined): Inquiry {
  const { address } = knownAs(offer)
  const client = lease?.client ?? clientOf(offer.mac)
  const asked = { mac: offer.mac, address, xid: randomInt(1, 0xff_ffff), client, rapidCommit: false }
  const [at, enough] = answerTo(asked)
  return {
    name: 'SOLICIT',
    frame: solicitFrame(asked),
    enough,
    read: frame => (frame.startsWith(enough, 2 * at) ? offeredAddress(frame) : undefined),
  }
}

/** Asks on the guest's network who has its address; `undefined`: it cannot be asked there. */
export async function wireStep({ mac, ...offer }: Offer, device: string): Promise<Step | undefined> {
  const address = addressOf(offer as Offer)
  const call = callFor(address, device)
  if (!call) return undefined
  const asked = await askOnWire({ link: device, frames: [call.frame] }, HOLDERS_ANSWER)
  if ('failure' in asked) return undefined
  const holders = new Set(asked.frames.flatMap(frame => call.holderIn(frame) ?? []))
  return judgeHolders(holders, address, mac, device)
}

/** A call for whoever has an address, and how an answer is read; `undefined`: the node has nothing to call from there. */
function callFor(address: Address, device: string) {
  const own = senderOn(device)
  if (!own) return undefined
  if (isIpv4(address))
    return { frame: arpProbe(own.mac, address), holderIn: (frame: string) => holderIn(frame, address) }
  return {
    frame: neighbourSolicitation(own, address).toString('hex'),
    holderIn: (frame: string) => neighbourIn(frame, address)?.mac,
  }
}

function judgeHolders(holders: ReadonlySet<Mac>, address: Address, mac: Mac, device: string): Step {
  const step = 'wire'
  const others = [...holders].filter(holder => holder !== mac)
  if (others.length > 0) {
    return {
      step,
      state: 'broken',
      detail: `somebody else on ${device} has ${address}: ${others.join(', ')}`,
      remedy: 'Find that host by its MAC address, and give it another address.',
    }
  }
  return {
    step,
    state: 'good',
    detail: holders.has(mac)
      ? `only the guest says on ${device} that it has ${address}`
      : `nobody else on ${device} has ${address}; the guest itself does not answer for it`,
  }
}
