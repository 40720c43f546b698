import * as z from 'zod'
import { NIC_SHAPE } from '../guest/namesSchema.ts'
import { canonical } from '../text/canonical.ts'
import { type Cidr6, lengthOf, type Prefix6, parseCidr6, parseIpv6 } from '../values/address.ts'
import { prefixOf6 } from '../values/prefix.ts'
import type { Advertisement } from './advertisement.ts'

function parsePrefix6(text: string): Prefix6 | undefined {
  const cidr: Cidr6 | undefined = parseCidr6(text)
  return cidr && lengthOf(cidr) < 128 ? prefixOf6(cidr) : undefined
}

/** An advertisement as another process wrote it down: of this version of guestnet or of one that writes the same. */
export const AdvertisementSchema: z.ZodType<Advertisement> = z.object({
  ...NIC_SHAPE,
  router: z.exactOptional(canonical(parseIpv6)),
  soughtFor: z.exactOptional(canonical(parseIpv6)),
  unknownRouter: z.exactOptional(canonical(parseIpv6)),
  onLink: z.exactOptional(canonical(parsePrefix6)),
  mtu: z.number().int(),
  dns: z.array(canonical(parseIpv6)),
  search: z.array(z.string()),
})
