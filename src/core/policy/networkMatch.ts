import * as z from 'zod'
import { must } from '../text/schema.ts'
import type { Network } from '../values/network.ts'
import { wholeNumber } from './checks.ts'

const bridge = must('the name of a bridge or vnet, at most 15 characters')

/**
 * Names networks. `{bridge: vmbr9}` is everything on that bridge, whatever its VLAN or none;
 * `{bridge: vmbr0, tag: 5}` is that VLAN alone.
 */
export const NetworkMatch = z.strictObject({
  bridge: z.string({ error: bridge }).regex(/^[\w.-]{1,15}$/, { error: bridge }),
  tag: z.exactOptional(wholeNumber(1, 4094, 'a VLAN from 1 to 4094')),
})
export type NetworkMatch = z.output<typeof NetworkMatch>

export function matchesNetwork(match: NetworkMatch, network: Network): boolean {
  return match.bridge === network.bridge && (match.tag === undefined || match.tag === network.tag)
}
