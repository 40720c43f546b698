import type { Ipv6 } from '../core/values/address.ts'
import { type Icmp6, icmp6Frame, icmp6In, type Sender } from './icmp6Frame.ts'

const REQUEST = 128
const REPLY = 129

/** An echo request (RFC 4443, section 4.1) to a group: who answers one from a link-local address does so from its own. */
export function echoRequest(own: Sender, group: Ipv6, identifier: number): Buffer {
  const message = Buffer.alloc(8)
  message.writeUInt8(REQUEST)
  message.writeUInt16BE(identifier, 4)
  return icmp6Frame(own, group, message)
}

/** Who answers such a request. */
export function echoIn(frame: string, identifier: number): Icmp6 | undefined {
  const message = icmp6In(frame)
  const isIt =
    message?.type === REPLY && message.body.length >= 4 && message.body.readUInt16BE(0) === identifier
  return isIt ? message : undefined
}
