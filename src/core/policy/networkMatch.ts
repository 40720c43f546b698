import * as z from 'zod'
import type { Network } from '../values/network.ts'
import { BridgeName, Vlan } from './checks.ts'

/**
 * Names networks. `{bridge: vmbr9}` is everything on that bridge, whatever its VLAN or none;
 * `{bridge: vmbr0, tag: 5}` is that VLAN alone.
 */
export const NetworkMatch = z.strictObject({
  bridge: BridgeName,
  tag: z.exactOptional(Vlan),
})
export type NetworkMatch = z.output<typeof NetworkMatch>

export function matchesNetwork(match: NetworkMatch, network: Network): boolean {
  return match.bridge === network.bridge && (match.tag === undefined || match.tag === network.tag)
}
