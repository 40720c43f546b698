import { randomInt } from 'node:crypto'
import { addressOf, type Offer } from '../core/dhcp/offer.ts'
import type { Step } from '../core/report/step.ts'
import { type Ipv4, isIpv4 } from '../core/values/address.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'
import { readText } from '../os/files.ts'
import { arpProbe, holderIn } from './arpFrame.ts'
import { discoverFrame, offeredIn } from './dhcpFrame.ts'
import { askOnWire } from './wire.ts'

/** Milliseconds in which a Kea that is well has answered, also on a busy node. */
const KEA_ANSWERS = 3000

/** Milliseconds that another holder of an address has: hosts answer ARP within one, and not all at once. */
const HOLDERS_ANSWER = 500

/**
 * Asks Kea in the guest's name, at the link to which the guest's port sends its requests. The answer comes to the guest as
 * well, which ignores what it has not asked for: it bears another `xid` (RFC 2131, section 4.4.1).
 */
export async function exchangeStep({ mac, ...offer }: Offer, link: string): Promise<Step> {
  const step = 'exchange'
  const wanted = addressOf(offer as Offer)
  const xid = randomInt(1, 0xffff_ffff)
  const asked = await askOnWire({
    link,
    frame: discoverFrame(mac, xid),
    patience: KEA_ANSWERS,
    enough: `02010600${xid.toString(16).padStart(8, '0')}`,
  })
  if ('failure' in asked) {
    return {
      step,
      state: 'broken',
      detail: `Kea could not be asked: ${asked.failure}`,
      remedy: 'Run guestnet doctor.',
    }
  }
  const [offered] = asked.frames.flatMap(frame => offeredIn(frame, mac, xid) ?? [])
  if (offered === wanted) return { step, state: 'good', detail: `Kea offers ${wanted} to ${mac} when asked` }
  return {
    step,
    state: 'broken',
    detail:
      offered === undefined
        ? `Kea does not answer a DISCOVER of ${mac} within ${KEA_ANSWERS / 1000} s`
        : `Kea offers ${offered} to ${mac} in place of ${wanted}`,
    remedy: 'The agent repairs it within seconds; if it does not, run guestnet doctor.',
  }
}

/** Asks on the guest's network who has its address; `undefined`: it cannot be asked there. */
export async function wireStep({ mac, ...offer }: Offer, device: string): Promise<Step | undefined> {
  const address = addressOf(offer as Offer)
  const own = macOf(device)
  if (!isIpv4(address) || own === undefined) return undefined
  const asked = await askOnWire({ link: device, frame: arpProbe(own, address), patience: HOLDERS_ANSWER })
  if ('failure' in asked) return undefined
  return judgeHolders(asked.frames, address, mac, device)
}

function judgeHolders(frames: readonly string[], address: Ipv4, mac: Mac, device: string): Step {
  const step = 'wire'
  const holders = new Set(frames.flatMap(frame => holderIn(frame, address) ?? []))
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
      : `nobody else on ${device} has ${address}; the guest itself does not answer ARP for it`,
  }
}

function macOf(device: string): Mac | undefined {
  const file = readText(`/sys/class/net/${device}/address`)
  return file.ok ? parseMac(file.text.trim()) : undefined
}
