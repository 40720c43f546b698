import ipaddr from 'ipaddr.js'
import * as z from 'zod'
import { must, parsedBy } from '../text/schema.ts'
import { type Ipv6, isUnicast4, lengthOf, parseIpv4, parseIpv6 } from '../values/address.ts'
import { parseMac } from '../values/mac.ts'
import { describeNetwork } from '../values/network.ts'
import { parsePrefix } from '../values/prefix.ts'
import { atMost, distinct, evenIfBroken, LinkName, wholeNumber } from './checks.ts'
import { NetworkMatch } from './networkMatch.ts'

/** The kernel's own tables, which also the host's traffic takes (`/etc/iproute2/rt_tables`, ip-rule(8)). */
const HOSTS_TABLES = new Map<unknown, string>([
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
])

const Table = wholeNumber(1, 0xffff_ffff, 'the number of a routing table, from 1 to 4294967295').refine(
  table => !HOSTS_TABLES.has(table),
  {
    error: ({ input }) =>
      `must be a table of guestnet's own, such as 100: ${input} is \`${HOSTS_TABLES.get(input)}\`, which the host itself uses`,
  },
)

/** Whether it can be a table of guestnet's own. */
export function isTable(number: number): boolean {
  return Table.safeParse(number).success
}

const AnnouncedPrefix = parsedBy(
  parsePrefix,
  'a network without host bits, such as 192.0.2.0/24 or 2001:db8::/48',
).refine(prefix => lengthOf(prefix) > 0, {
  error: 'must not be everything there is: name the networks that may leave the node',
})

function parseUnicast6(text: string): Ipv6 | undefined {
  const address = parseIpv6(text)
  const range = address && ipaddr.parse(address).range()
  return range === 'unspecified' || range === 'multicast' || range === 'loopback' ? undefined : address
}

/** Addresses and MAC that guests have as their gateway, the same on every node. */
const GatewayPolicy = z
  .strictObject({
    ipv4: z.exactOptional(
      parsedBy(text => {
        const address = parseIpv4(text)
        return address && isUnicast4(address) ? address : undefined
      }, 'the IPv4 address of a host'),
    ),
    ipv6: z.exactOptional(parsedBy(parseUnicast6, 'the IPv6 address of a host')),
    /** Absent: the device keeps the one it has. */
    mac: z.exactOptional(parsedBy(parseMac, 'a MAC address of a host, such as da:f0:f1:08:55:c4')),
  })
  .refine(gateway => 'ipv4' in gateway || 'ipv6' in gateway, {
    ...evenIfBroken,
    error: 'must have an address, `ipv4` or `ipv6`',
  })

const LONGEST_LIST = 1000

/** One network whose guests are announced, unlike in `dhcp` exactly that VLAN, or exactly the untagged network. */
export const AnnouncedNetwork = z.strictObject({
  ...NetworkMatch.shape,
  /** The node's layer-3 link towards the guests, where it is not the one of that bridge and VLAN. */
  device: z.exactOptional(LinkName),
  /** What may leave the node. */
  prefixes: atMost(
    LONGEST_LIST,
    z
      .array(AnnouncedPrefix, { error: must('a list of networks in CIDR notation') })
      .min(1, { error: 'must name at least one network that may leave the node' }),
  ),
  gateway: z.exactOptional(GatewayPolicy),
})
export type AnnouncedNetwork = z.output<typeof AnnouncedNetwork>

function networkKey(item: unknown): string | undefined {
  const network = NetworkMatch.strip().safeParse(item).data
  return network && describeNetwork(network)
}

/** YAML 1.2 reads `off` as text, unlike `false`; people mean the same by both. */
function notesExpected({ input }: { readonly input?: unknown }): string {
  const message = must('`off` or `trusted`')({ input })
  if (input === false) return `${message}; write \`off\``
  return input === true ? `${message}; write \`trusted\` if you trust everybody who may edit Notes` : message
}

const FOLDER_PATH = must('the path of a folder, beginning with /')
const Folder = z
  .string({ error: FOLDER_PATH })
  .refine(path => path.startsWith('/') && !path.includes('\0'), { error: FOLDER_PATH })

/** What guestnet announces, and through which kernel tables: `announce` in the policy. */
export const AnnouncePolicy = z
  .strictObject({
    /** That of the guests' routes: guestnet's own, and nobody else's. */
    table: Table,
    /** That of the guests' way out, the default routes learned from peers; likewise guestnet's own. */
    uplinkTable: z.exactOptional(Table),
    networks: atMost(
      LONGEST_LIST,
      distinct(
        z
          .array(AnnouncedNetwork, { error: must('a list of networks') })
          .min(1, { error: 'must name at least one network' }),
        networkKey,
        'is the same network as',
      ),
    ),
    /** Whether guests' Notes may add routes and communities. Tenants may edit Notes. */
    notes: z.enum(['off', 'trusted'], { error: notesExpected }).default('off'),
    /** The folder of fast-announcer's files, which are announced too. */
    fastAnnouncer: z.exactOptional(Folder),
    /** Whether guestnet sets the forwarding sysctls, rather than only checking them. */
    sysctl: z.boolean().default(false),
  })
  .refine(({ table, uplinkTable }) => uplinkTable !== undefined || !isTable(table) || isTable(table + 1), {
    ...evenIfBroken,
    path: ['table'],
    error: 'needs `uplinkTable` beside it, since the next number is not free for that one',
  })
  .refine(({ table, uplinkTable }) => uplinkTable === undefined || table !== uplinkTable, {
    ...evenIfBroken,
    path: ['uplinkTable'],
    error: 'must be another one than `table`',
  })
export type AnnouncePolicy = z.output<typeof AnnouncePolicy>

/** Where the default routes learned from peers are. */
export function uplinkTableOf({ table, uplinkTable = table + 1 }: AnnouncePolicy): number {
  return uplinkTable
}
