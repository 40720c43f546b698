import type { Addressing } from '../../core/guest/guest.ts'
import { lengthOf, parseCidr4, parseCidr6, parseIpv4, parseIpv6 } from '../../core/values/address.ts'
import { present } from './present.ts'
import type { Properties, PropertySchema } from './propertyString.ts'
import { scalar } from './scalar.ts'

const SHORTEST_PREFIX = 8

/** The address properties that `ipconfigN` of a VM and `netN` of a container share. */
export const ADDRESSING = {
  ip: scalar(
    `"dhcp", "manual" or an IPv4 address with a prefix length from ${SHORTEST_PREFIX} to 32`,
    text => readIp(text) !== undefined,
  ),
  gw: scalar('an IPv4 address', text => parseIpv4(text) !== undefined),
  ip6: scalar(
    `"dhcp", "auto", "manual" or an IPv6 address with a prefix length from ${SHORTEST_PREFIX} to 128`,
    text => readIp6(text) !== undefined,
  ),
  gw6: scalar('an IPv6 address', text => parseIpv6(text) !== undefined),
} satisfies PropertySchema['properties']

export function addressingOf(properties: Properties): Addressing {
  return present<Omit<Addressing, 'further'>>({
    ip: readIp(properties.get('ip') ?? ''),
    gw: parseIpv4(properties.get('gw') ?? ''),
    ip6: readIp6(properties.get('ip6') ?? ''),
    gw6: parseIpv6(properties.get('gw6') ?? ''),
  })
}

function readIp(text: string): Addressing['ip'] {
  if (text === 'dhcp' || text === 'manual') return text
  const cidr = parseCidr4(text)
  return cidr && lengthOf(cidr) >= SHORTEST_PREFIX ? cidr : undefined
}

function readIp6(text: string): Addressing['ip6'] {
  if (text === 'dhcp' || text === 'auto' || text === 'manual') return text
  const cidr = parseCidr6(text)
  return cidr && lengthOf(cidr) >= SHORTEST_PREFIX ? cidr : undefined
}
