import { randomInt } from 'node:crypto'
import type { GuestPort } from '../guest.ts'
import { bytesOfMac, encodeFrame, type UdpFrame } from './frame.ts'
import { type DhcpMessage, type DhcpOption, encodeMessage, optionOf } from './packet.ts'

export const DISCOVER = 1
export const OFFER = 2
export const REQUEST = 3
export const DECLINE = 4
export const ACK = 5
export const NAK = 6

/** What every client asks for: mask, router, DNS, host name, MTU, search list, classless routes. */
const PARAMETERS = [1, 3, 6, 12, 15, 26, 119, 121]
const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'

/** How a client differs from the plainest one. */
export interface Manner {
  /** Options after 53 (message type), in the order sent; `lease` are those by which a REQUEST names what it wants. */
  readonly options?: (type: number, lease: readonly DhcpOption[]) => readonly DhcpOption[]
  /** Whether it asks for answers by broadcast. */
  readonly broadcast?: boolean
  /** Fields of the message that it sets otherwise: a foreign `chaddr`, a relay's `giaddr`. */
  readonly message?: Partial<DhcpMessage>
  /** Parts of the frame that it sets otherwise: another source MAC, a VLAN tag. */
  readonly frame?: Partial<UdpFrame>
}

export function option(code: number, data: Iterable<number> | string): DhcpOption {
  return { code, data: typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from([...data]) }
}

/** A client's message of a type; `lease` are the options by which a REQUEST names what it wants. */
export function messageOf(
  { mac }: Pick<GuestPort, 'mac'>,
  { type, xid }: { readonly type: number; readonly xid: number },
  manner: Manner,
  lease: readonly DhcpOption[] = [],
): DhcpMessage {
  const plainest = () => [option(61, [1, ...bytesOfMac(mac)]), ...lease, option(55, PARAMETERS)]
  const options = manner.options?.(type, lease) ?? plainest()
  return {
    op: 1,
    xid,
    secs: 0,
    broadcast: manner.broadcast ?? false,
    ciaddr: '0.0.0.0',
    yiaddr: '0.0.0.0',
    siaddr: '0.0.0.0',
    giaddr: '0.0.0.0',
    chaddr: mac,
    options: [option(53, [type]), ...options],
    ...manner.message,
  }
}

/** The frame that carries a client's message: by broadcast, from a host that has no address yet. */
export function frameOf({ mac }: Pick<GuestPort, 'mac'>, message: DhcpMessage, manner: Manner): Buffer {
  return encodeFrame({
    sourceMac: mac,
    destinationMac: BROADCAST_MAC,
    sourceAddress: '0.0.0.0',
    destinationAddress: '255.255.255.255',
    sourcePort: 68,
    destinationPort: 67,
    ...manner.frame,
    payload: encodeMessage(message),
  })
}

export function typeOf(message: DhcpMessage): number | undefined {
  return optionOf(message, 53)?.[0]
}

export function newXid(): number {
  return randomInt(2 ** 32)
}
