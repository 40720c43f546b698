import { type Ipv6, parseIpv6 } from '../core/values/address.ts'
import { linkLocalOf } from '../core/values/linkLocal.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'
import { readText } from '../os/files.ts'
import type { Sender } from './icmp6Frame.ts'

/**
 * By which addresses the node can ask on a link. Where it has no link-local one, since Proxmox turns IPv6 off on bridges that it makes
 * for VLANs, the one made of the link's own hardware address, which nobody else has. `undefined`: the link is gone.
 */
export function senderOn(device: string): Sender | undefined {
  const mac = macOf(device)
  return mac && { mac, address: linkLocalOn(device) ?? linkLocalOf(mac) }
}

/** Lines of if_inet6 tell address, ifindex, length, scope, flags and name; 20 is the scope of link-local addresses. */
function linkLocalOn(device: string): Ipv6 | undefined {
  const file = readText('/proc/self/net/if_inet6')
  const rows = file.ok ? file.text.split('\n').map(line => line.trim().split(/\s+/)) : []
  const own = rows.find(([, , , scope, , name]) => scope === '20' && name === device)
  return parseIpv6(own?.[0]?.match(/.{4}/g)?.join(':') ?? '')
}

/** A link's own hardware address; `undefined`: the link is gone, or is none of Ethernet. */
export function macOf(device: string): Mac | undefined {
  const file = readText(`/sys/class/net/${device}/address`)
  return file.ok ? parseMac(file.text.trim()) : undefined
}
