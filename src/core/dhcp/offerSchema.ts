import * as z from 'zod'
import { parseVmid } from '../guest/names.ts'
import { parseCidr4, parseCidr6, parseIpv4, parseIpv6 } from '../values/address.ts'
import { parseMac } from '../values/mac.ts'
import type { Offer } from './offer.ts'

/** A value that one of our own parsers made, as it comes back: it must be what the parser makes of it. */
function canonical<T extends string>(parse: (text: string) => T | undefined) {
  return z.custom<T>(value => typeof value === 'string' && parse(value) === value)
}

export const VmidSchema = z
  .number()
  .transform((value, context) => parseVmid(String(value)) ?? context.addIssue('no VMID') ?? z.NEVER)
export const MacSchema = canonical(parseMac)
export const AddressSchema = z.union([canonical(parseIpv4), canonical(parseIpv6)])

const COMMON = {
  vmid: VmidSchema,
  type: z.enum(['qemu', 'lxc']),
  nic: z.number().int().nonnegative(),
  link: z.string(),
  mac: MacSchema,
  network: z.object({ bridge: z.string(), tag: z.exactOptional(z.number()) }),
  search: z.array(z.string()),
  hostname: z.string(),
  domain: z.exactOptional(z.string()),
  mtu: z.exactOptional(z.number()),
}

/** An offer as another process wrote it down: of this version of guestnet or of one that writes the same. */
export const OfferSchema: z.ZodType<Offer> = z.discriminatedUnion('family', [
  z.object({
    ...COMMON,
    family: z.literal('ipv4'),
    address: canonical(parseCidr4),
    gateway: z.exactOptional(canonical(parseIpv4)),
    dns: z.array(canonical(parseIpv4)),
  }),
  z.object({
    ...COMMON,
    family: z.literal('ipv6'),
    address: canonical(parseCidr6),
    gateway: z.exactOptional(canonical(parseIpv6)),
    dns: z.array(canonical(parseIpv6)),
  }),
])
