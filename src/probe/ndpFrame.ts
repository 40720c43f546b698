import { type Ipv6, octetsOf } from '../core/values/address.ts'
import type { Mac } from '../core/values/mac.ts'
import { addressIn, type Icmp6, icmp6Frame, icmp6In, type Sender } from './icmp6Frame.ts'

const ROUTER_SOLICITATION = 133
const ROUTER_ADVERTISEMENT = 134
const SOLICITATION = 135
const ADVERTISEMENT = 136
const ALL_ROUTERS = 'ff02::2' as Ipv6
/** The flag R, among the flags of a neighbour advertisement (RFC 4861, section 4.4). */
const IS_ROUTER = 0x80

/**
 * Asks who has an address, from an own link-local one (RFC 4861, section 4.3): a question from no address at all would be the
 * duplicate address detection of somebody who wants it too, and a guest that is about to take it would give it up.
 */
export function neighbourSolicitation(own: Sender, address: Ipv6): Buffer {
  const target = Buffer.from(octetsOf(address))
  const group = addressIn(
    Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), target.subarray(13)]),
    0,
  )
  if (!group) throw new Error(`no solicited-node group of ${address}`)
  return icmp6Frame(
    own,
    group,
    Buffer.concat([Buffer.from([SOLICITATION, 0, 0, 0, 0, 0, 0, 0]), target, linkLayerOption(own)]),
  )
}

/** Asks all routers to advertise themselves (RFC 4861, section 4.1). */
export function routerSolicitation(own: Sender): Buffer {
  const head = Buffer.from([ROUTER_SOLICITATION, 0, 0, 0, 0, 0, 0, 0])
  return icmp6Frame(own, ALL_ROUTERS, Buffer.concat([head, linkLayerOption(own)]))
}

/** Source link-layer address (RFC 4861, section 4.6.1). */
function linkLayerOption({ mac }: Sender): Buffer {
  return Buffer.from(`0101${mac.replaceAll(':', '')}`, 'hex')
}

/** Who says that it has an address. */
export interface Neighbour {
  readonly mac: Mac
  /** Whether it says that it is a router. */
  readonly isRouter: boolean
}

/** Who says in a frame that it has an address: the sender of a neighbour advertisement (RFC 4861, section 4.4). */
export function neighbourIn(frame: string, address: Ipv6): Neighbour | undefined {
  const message = icmp6In(frame)
  if (message?.type !== ADVERTISEMENT || !message.isFromHere || addressIn(message.body, 4) !== address)
    return undefined
  return { mac: message.mac, isRouter: ((message.body[0] ?? 0) & IS_ROUTER) !== 0 }
}

/** A router advertisement in a frame. */
export function routerIn(frame: string): Icmp6 | undefined {
  const message = icmp6In(frame)
  return message?.type === ROUTER_ADVERTISEMENT && message.isFromHere ? message : undefined
}
