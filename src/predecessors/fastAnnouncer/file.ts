import * as z from 'zod'
import type { Further, FurtherRoute } from '../../core/guest/further.ts'
import type { Vmid } from '../../core/guest/names.ts'
import { wholeNumber } from '../../core/policy/checks.ts'
import type { Problem } from '../../core/problem/problem.ts'
import { checkYaml, must, parsedBy } from '../../core/text/schema.ts'
import {
  type Cidr4,
  type Cidr6,
  isIpv4,
  type Prefix,
  parseAddress,
  parseCidr4,
  parseCidr6,
} from '../../core/values/address.ts'
import { linkLocalOf } from '../../core/values/linkLocal.ts'
import { parseMac } from '../../core/values/mac.ts'
import { addressIn, hostPrefix, isHost, prefixOf } from '../../core/values/prefix.ts'

/** What a guest's file of fast-announcer says, and what its hookscript made of it. */
export interface FastAnnouncerFile extends Further {
  readonly vmid: Vmid
  /** `interface`: the link its routes and neighbours are on. */
  readonly device: string
  readonly table: number
  /** What it has a route and two rules for, each. */
  readonly prefixes: readonly Prefix[]
}

type Cidr = Cidr4 | Cidr6

/** An address without a length is that address alone. */
function parseAnyCidr(text: string): Cidr | undefined {
  const address = parseAddress(text)
  const whole = address === undefined ? text : hostPrefix(address)
  return parseCidr4(whole) ?? parseCidr6(whole)
}

const CidrText = parsedBy(parseAnyCidr, 'an address with its length, such as 192.0.2.5/32 or 2001:db8::5/128')
const NextHop = z.preprocess(
  // Go writes what is not there as an empty text.
  input => (input === '' || input === null ? undefined : input),
  z.optional(parsedBy(parseAddress, 'an IPv4 or IPv6 address')),
)

/** An entry of a list: a map, one under another of these names, or only the text of `key`. */
function entryWith<Shape extends z.ZodRawShape>(
  key: string,
  synonyms: Readonly<Record<string, string>>,
  shape: Shape,
) {
  return z.preprocess(input => {
    if (typeof input === 'string') return { [key]: input }
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
    return Object.fromEntries(Object.entries(input).map(([name, value]) => [synonyms[name] ?? name, value]))
  }, z.object(shape))
}

/** Go writes an empty list as null. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess(input => input ?? [], z.array(item, { error: must('a list') }))
}

const Network = entryWith(
  'network',
  { prefix: 'network', nextHop: 'next_hop', nexthop: 'next_hop' },
  { network: CidrText, next_hop: NextHop },
).superRefine(({ network, next_hop }, context) => {
  const is4 = !network.includes(':')
  if (next_hop === undefined ? is4 : isIpv4(next_hop) !== is4)
    context.addIssue({
      code: 'custom',
      path: ['next_hop'],
      message: 'must be an address of the network’s family',
    })
})

const Content = z.object({
  ip_addresses: listOf(entryWith('address', { ip: 'address' }, { address: CidrText })),
  ip_networks: listOf(Network),
  mac_address: z.preprocess(
    input => (typeof input === 'string' ? input.replaceAll('-', ':') : input),
    parsedBy(parseMac, 'a MAC address of a host, such as 52:54:00:9e:cc:1e'),
  ),
  interface: z.string({ error: must('the name of a link') }).min(1, { error: must('the name of a link') }),
  table: z.preprocess(
    input => (typeof input === 'string' && /^[0-9]+$/.test(input) ? Number(input) : input),
    wholeNumber(1, 0xffff_ffff, 'the number of a routing table'),
  ),
})
type Content = z.output<typeof Content>

/**
 * Reads a guest's file of fast-announcer, `<vmid>.json`. Never throws. As there, keys it does not know count for nothing.
 * `file` is what the problems name.
 */
export function parseFastAnnouncer(
  text: string,
  file: string,
  vmid: Vmid,
): { ok: true; value: FastAnnouncerFile } | { ok: false; problems: Problem[] } {
  // JSON is YAML, but for the tabs it may be indented by; within its texts there are none.
  const { value, mistakes } = checkYaml(text.replaceAll('\t', ' '), Content)
  if (value !== undefined) return { ok: true, value: fileOf(value, file, vmid) }
  return {
    ok: false,
    problems: mistakes.map(mistake => ({ code: 'fast-announcer-invalid', ...mistake, file, vmid })),
  }
}

function fileOf(content: Content, file: string, vmid: Vmid): FastAnnouncerFile {
  const { mac_address: mac, interface: device, table } = content
  const given = content.ip_addresses.map(({ address }) => address)
  const linkLocal = linkLocalOf(mac)
  const networks = content.ip_networks.map(({ network, next_hop }) => ({
    prefix: prefixOf(network),
    nextHop: next_hop ?? linkLocal,
  }))
  const onLink: FurtherRoute[] = given
    .filter(isNetwork)
    .map(cidr => ({ prefix: prefixOf(cidr), ...(!is4(cidr) && { nextHop: linkLocal }) }))
  return {
    vmid,
    file,
    mac,
    device,
    table,
    addresses: given.filter(cidr => isHost(cidr) || hasHostBits(cidr)).map(addressIn),
    routes: [...onLink, ...networks],
    prefixes: [...given.map(prefixOf), ...networks.map(({ prefix }) => prefix)],
  }
}

/**
 * Whether all of a network was routed to the guest. An IPv4 address with the length of its network (`192.0.2.5/24`) was,
 * too, but can hardly have meant to be: it counts as the address alone.
 */
function isNetwork(cidr: Cidr): boolean {
  return !isHost(cidr) && (!is4(cidr) || !hasHostBits(cidr))
}

function hasHostBits(cidr: Cidr): boolean {
  const network: string = prefixOf(cidr)
  return network !== cidr
}

function is4(cidr: Cidr): cidr is Cidr4 {
  return !cidr.includes(':')
}
