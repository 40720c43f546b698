import { createHash } from 'node:crypto'
import type { Ipv6 } from '../values/address.ts'

/** Names of a slot, the place of one Kea: all derived from the instance's name, so that a restarted agent finds them. */
export interface SlotNames {
  readonly namespace: string
  /** The node's end of the veth pair; the other end is `SERVER_LINK`. */
  readonly link: string
}

/** The server's end of every slot's veth pair, in its own namespace. */
export const SERVER_LINK = 'kea0'

/** Where every Kea listens, in its own namespace: link-local (RFC 3927), so in nobody's network. */
export const SERVER_ADDRESS = '169.254.67.1'

/** What a Kea leases to who asks whether it is well: likewise in nobody's network. */
export const PROBE_ADDRESS = '169.254.67.2'

/** Where every kea-dhcp6 listens, in its own namespace. */
export const SERVER_ADDRESS6 = 'fe80::67'

/** All_DHCP_Relay_Agents_and_Servers (RFC 8415, section 7.1): to where clients send all they have to say. */
export const SERVERS_ADDRESS6 = 'ff02::1:2' as Ipv6

/** Link names hold 15 characters at most (IFNAMSIZ, netdevice(7)); a longer instance name is shortened to a hash. */
const LINK_NAME_LENGTH = 15

export function slotNames(instance: string, slot: number): SlotNames {
  const link = `${instance}-${slot}`
  const hash = createHash('sha256').update(instance).digest('hex').slice(0, 8)
  return {
    namespace: slot === 1 ? instance : `${instance}-${slot}`,
    link: link.length <= LINK_NAME_LENGTH ? link : `gn${hash}-${slot}`,
  }
}

/** The slot a namespace belongs to; `undefined` if it is none of this instance's. */
export function slotOfNamespace(instance: string, namespace: string): number | undefined {
  if (namespace === instance) return 1
  const digits = namespace.startsWith(`${instance}-`) ? namespace.slice(instance.length + 1) : ''
  return /^[1-9][0-9]{0,2}$/.test(digits) && digits !== '1' ? Number(digits) : undefined
}
