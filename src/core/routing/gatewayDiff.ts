import type { Address } from '../values/address.ts'
import { familyOf } from '../values/family.ts'
import type { GatewayPart, RoutingChange } from './change.ts'
import type { ObservedGateway } from './observation.ts'
import type { Gateway } from './routing.ts'

/**
 * A gateway is known by its addresses, which bear the mark. Its MAC and its sysctls cannot be marked: the sysctls go with
 * the last marked address of their family; the MAC stays, because nobody knows the one before, and guests remember it.
 */
export function diffGateways(
  wanted: readonly Gateway[],
  observed: readonly ObservedGateway[],
): { set: RoutingChange[]; remove: RoutingChange[] } {
  const present = new Map(observed.map(gateway => [gateway.device, gateway]))
  const needed = new Map(wanted.map(gateway => [gateway.device, gateway]))
  return {
    set: wanted.flatMap(gateway => {
      const missing = partsMissing(gateway, present.get(gateway.device))
      return missing.length === 0 ? [] : [{ kind: 'gateway-set', gateway, missing } as const]
    }),
    remove: observed.flatMap(({ device, addresses }) =>
      addresses
        .filter(({ address, marked }) => marked && !addressesOf(needed.get(device)).includes(address))
        .map(({ address }) => {
          const last = needed.get(device)?.[familyOf(address)] === undefined
          return { kind: 'gateway-remove', device, address, last } as const
        }),
    ),
  }
}

/** Devices that are about to get another MAC: with the old one the kernel drops their neighbours, permanent or not. */
export function devicesOfNewMac(
  wanted: readonly Gateway[],
  observed: readonly ObservedGateway[],
): Set<string> {
  const macs = new Map(observed.map(({ device, mac }) => [device, mac]))
  const changing = wanted.filter(({ device, mac }) => mac !== undefined && macs.get(device) !== mac)
  return new Set(changing.map(({ device }) => device))
}

function partsMissing(gateway: Gateway, observed: ObservedGateway | undefined): GatewayPart[] {
  const { mac, ipv4, ipv6 } = gateway
  const holds = (address: Address) => observed?.addresses.some(held => held.address === address) === true
  const parts = {
    mac: mac !== undefined && observed?.mac !== mac,
    ipv4: ipv4 !== undefined && !holds(ipv4),
    proxyArp: ipv4 !== undefined && !observed?.proxyArp,
    ipv6: ipv6 !== undefined && !holds(ipv6),
    proxyNdp: ipv6 !== undefined && !observed?.proxyNdp,
  } satisfies Record<GatewayPart, boolean>
  return (Object.keys(parts) as GatewayPart[]).filter(part => parts[part])
}

function addressesOf(gateway: Gateway | undefined): (Address | undefined)[] {
  return [gateway?.ipv4, gateway?.ipv6]
}
