import type { Prefix } from '../values/address.ts'
import { type Family, familyOf } from '../values/family.ts'

/** A kernel setting by its name in sysctl(8), where `/` stands for a dot in the name of a link. */
export interface KernelSetting {
  readonly name: string
  readonly value: string
}

export const FORWARDING = {
  ipv4: { name: 'net.ipv4.ip_forward', value: '1' },
  ipv6: { name: 'net.ipv6.conf.all.forwarding', value: '1' },
} as const satisfies Record<Family, KernelSetting>

/** Whether the node is a router. */
export interface ObservedForwarding {
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** The links by which the host has an IPv6 default route from a router's advertisement, with their `accept_ra`. */
  readonly advertised: readonly { readonly device: string; readonly acceptRa: string }[]
}

/** The families that the node has to forward for its guests. */
export function forwardedFamilies(networks: readonly { readonly prefixes: readonly Prefix[] }[]): Family[] {
  return [...new Set(networks.flatMap(({ prefixes }) => prefixes.map(familyOf)))].toSorted()
}

/**
 * What has to be set before the node forwards, in this order (ip-sysctl.rst of the kernel).
 *
 * Trap: the moment IPv6 is forwarded, the kernel drops default routes from advertisements, and takes no more of them, on
 * links whose `accept_ra` is 1. With 0, another program than the kernel takes them; then it is left alone.
 */
export function missingForwarding(
  families: readonly Family[],
  { ipv4, ipv6, advertised }: ObservedForwarding,
): KernelSetting[] {
  const accepting = advertised
    .filter(({ acceptRa }) => acceptRa === '1')
    .map(({ device }) => ({ name: acceptRaOf(device), value: '2' }))
  return [
    ...(families.includes('ipv6') ? [...accepting, ...(ipv6 ? [] : [FORWARDING.ipv6])] : []),
    ...(families.includes('ipv4') && !ipv4 ? [FORWARDING.ipv4] : []),
  ]
}

/** The name of a link's `accept_ra`. */
export function acceptRaOf(device: string): string {
  return `net.ipv6.conf.${device.replaceAll('.', '/')}.accept_ra`
}
