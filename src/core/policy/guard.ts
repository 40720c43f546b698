import * as z from 'zod'
import { must, parsedBy } from '../text/schema.ts'
import type { Address, Prefix } from '../values/address.ts'
import { lengthOf, parseAddress } from '../values/address.ts'
import { parseMac } from '../values/mac.ts'
import type { Network } from '../values/network.ts'
import { parsePrefix } from '../values/prefix.ts'
import { atMost, evenIfBroken, isMap } from './checks.ts'
import { matchesNetwork, NetworkMatch } from './networkMatch.ts'

/** `report`: nothing is dropped, what would be is counted. */
export const GUARD_MODES = ['off', 'report', 'on'] as const

/** Entries of a list: more than a guest has use for. */
const MOST = 256

function parseAddressOrPrefix(text: string): Address | Prefix | undefined {
  const prefix = parsePrefix(text)
  return parseAddress(text) ?? (prefix !== undefined && lengthOf(prefix) > 0 ? prefix : undefined)
}

/** What a guest may use besides its configuration. */
const Extra = z.strictObject({
  addresses: atMost(
    MOST,
    z.array(parsedBy(parseAddressOrPrefix, 'an address, or a prefix without host bits such as 192.0.2.0/24')),
  ).default([]),
  macs: atMost(MOST, z.array(parsedBy(parseMac, 'a unicast MAC address'))).default([]),
  /** It routes for others: any source address, router advertisements and DHCP answers. */
  router: z.boolean().default(false),
})
export type GuardExtra = z.output<typeof Extra>

const VMID = /^[1-9][0-9]{2,8}$/

/** A map by VMID, which YAML may have as numbers. */
const ExtraByVmid = z
  .record(z.string(), Extra)
  .superRefine((byVmid, context) => {
    for (const vmid of Object.keys(byVmid)) {
      if (!VMID.test(vmid))
        context.addIssue({ code: 'custom', path: [vmid], message: 'is no VMID, 100 to 999999999' })
    }
  })
  .transform(byVmid => new Map(Object.entries(byVmid).map(([vmid, extra]) => [Number(vmid), extra])))

/** What may leave guests' ports: `guard` in the policy. */
export const GuardPolicy = z
  .strictObject({
    mode: z.enum(GUARD_MODES, { error: must('`off`, `report` or `on`') }).default('off'),
    /** Networks to leave alone. */
    exclude: z.exactOptional(z.array(NetworkMatch)),
    /** Networks to guard, and no others. */
    only: z.exactOptional(z.array(NetworkMatch)),
    /** By VMID. */
    extra: ExtraByVmid.default(new Map()),
  })
  .refine(guard => !(isMap(guard) && 'exclude' in guard && 'only' in guard), {
    ...evenIfBroken,
    path: ['only'],
    error: 'cannot be used together with `exclude`',
  })
export type GuardPolicy = z.output<typeof GuardPolicy>

/** Whether ports in a network are guarded. */
export function isGuardedNetwork({ only, exclude = [] }: GuardPolicy, network: Network): boolean {
  if (only !== undefined) return only.some(match => matchesNetwork(match, network))
  return !exclude.some(match => matchesNetwork(match, network))
}
