import * as z from 'zod'
import { NIC_SHAPE } from '../guest/namesSchema.ts'
import { canonical } from '../text/canonical.ts'
import { parseCidr4, parseCidr6, parseIpv4, parseIpv6 } from '../values/address.ts'
import { parseMac } from '../values/mac.ts'
import type { Offer } from './offer.ts'

export const MacSchema = canonical(parseMac)
export const AddressSchema = z.union([canonical(parseIpv4), canonical(parseIpv6)])

const COMMON = {
  ...NIC_SHAPE,
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
