import * as z from 'zod'
import type { Served } from '../core/dhcp/observation.ts'
import { OfferSchema } from '../core/dhcp/offerSchema.ts'
import { parseServerId, type ServerId, serverId } from '../core/dhcp/serverId.ts'
import { FAMILIES, type Family } from '../core/values/family.ts'

/** Of what guestnet notes in a configuration for itself: another form is another version. */
const VERSION = 2

/** What a configuration says of itself, as Kea's user context (Kea ARM, "Comments and User Context"). */
export function contextOfServer(server: ServerId): object {
  return { guestnet: { version: VERSION, server } }
}

/** The same of one that serves nothing yet. */
export function contextOfSpare(family: Family): object {
  return { guestnet: { version: VERSION, spare: family } }
}

/** A configuration, as far as guestnet's notes in it are read. */
const Config = z.object({
  'user-context': z.object({ guestnet: z.unknown() }),
  'shared-networks': z.array(z.looseObject({})),
})
const Subnets = z.array(
  z.object({ reservations: z.array(z.object({ 'user-context': z.object({ offer: z.unknown() }) })) }),
)

const Spare = z.object({ version: z.literal(VERSION), spare: z.enum(FAMILIES) })

/** The same configuration but for the offers, which Kea would read and keep each, and which are a sixth of what it takes. */
export function withoutNotes(text: string): string {
  return JSON.stringify(JSON.parse(text), (_, value: unknown) => (isNote(value) ? undefined : value))
}

/** What a file in a slot turns out to be. */
export type StoredConfig =
  | { readonly kind: 'served'; readonly served: Served }
  /** Of a Kea that was started beforehand. */
  | { readonly kind: 'spare'; readonly family: Family }
  /** A configuration of another version of guestnet's, whose notes this one does not know. */
  | { readonly kind: 'unknown' }

/** Reads back what `renderConfig` wrote, also what version 1 did, which knew IPv4 only; `undefined`: it is no configuration. */
export function readStored(text: string): StoredConfig | undefined {
  const json = parseJson(text)
  if (typeof json !== 'object' || json === null) return undefined
  const [section] = Object.values(json)
  const config = Config.safeParse(section)
  if (!config.success) return undefined
  const { guestnet } = config.data['user-context']
  const spare = Spare.safeParse(guestnet)
  if (spare.success) return { kind: 'spare', family: spare.data.spare }
  const server = readServer(guestnet)
  const offers = z.array(OfferSchema).safeParse(
    notesOf(config.data['shared-networks']).map(offer =>
      // Version 1 had no families.
      typeof offer === 'object' && offer !== null ? { family: 'ipv4', ...offer } : offer,
    ),
  )
  if (server === undefined || !offers.success) return { kind: 'unknown' }
  return { kind: 'served', served: { server, offers: offers.data } }
}

function readServer(guestnet: unknown): ServerId | undefined {
  const first = z.strictObject({ server: z.number().int().positive() }).safeParse(guestnet)
  if (first.success) return serverId('ipv4', first.data.server)
  const second = z
    .object({ version: z.literal(VERSION), server: z.string().transform(parseServerId) })
    .safeParse(guestnet)
  return second.data?.server
}

/** The offers that the reservations carry, whatever they look like. */
function notesOf(networks: readonly Record<string, unknown>[]): unknown[] {
  return networks.flatMap(network =>
    ['subnet4', 'subnet6'].flatMap(key => {
      const subnets = Subnets.safeParse(network[key])
      return subnets.success
        ? subnets.data.flatMap(({ reservations }) => reservations.map(one => one['user-context'].offer))
        : []
    }),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isNote(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'offer' in value
}
