import type { Address, Cidr4, Cidr6, Prefix } from './address.ts'

/** An address family. Everything that exists for both is known by it. */
export type Family = 'ipv4' | 'ipv6'

export const FAMILIES = ['ipv4', 'ipv6'] as const satisfies readonly Family[]

/** What people call a family. */
export const FAMILY_NAME = { ipv4: 'IPv4', ipv6: 'IPv6' } as const satisfies Record<Family, string>

export function familyOf(address: Address | Prefix | Cidr4 | Cidr6): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
