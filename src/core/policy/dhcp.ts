import * as z from 'zod'
import { parsedBy } from '../text/schema.ts'
import type { Path } from '../text/yaml.ts'
import { parseIpv4, parseIpv6 } from '../values/address.ts'
import type { Family } from '../values/family.ts'
import type { Network } from '../values/network.ts'
import { DURATION_FORMS, parseDuration } from './duration.ts'
import { matchesNetwork, NetworkMatch } from './networkMatch.ts'
import { writtenAs } from './writtenAs.ts'

/** Seconds. Shorter, and guests do little but renew; longer, and an edited address takes weeks to arrive. */
const LEASE = { shortest: 60, longest: 30 * 86_400, usual: 3600 }

function parseLease(text: string): number | undefined {
  const seconds = parseDuration(text)
  return seconds !== undefined && seconds >= LEASE.shortest && seconds <= LEASE.longest ? seconds : undefined
}

const Lease = writtenAs(
  z.preprocess(
    input => (typeof input === 'number' ? String(input) : input),
    parsedBy(parseLease, 'a time from 60 seconds to 30 days, such as 90s, 30m, 1h or 2d'),
  ),
  ...DURATION_FORMS,
)

/** The DHCP field `file` has 128 octets, the last of them zero (RFC 2131, section 2). */
const BootFile = parsedBy(
  text => (/^[\x21-\x7e]{1,127}$/.test(text) ? text : undefined),
  'a file name or URL of at most 127 ASCII characters without blanks',
)

/** Each has a length of two octets in option 60 (RFC 5970, section 3.2), and all of them a message's worth of room. */
const BootParameters = z
  .array(
    parsedBy(
      text => (/^[\x20-\x7e]{1,127}$/.test(text) ? text : undefined),
      'a text of at most 127 ASCII characters',
    ),
  )
  .max(8, { error: 'must have at most 8 parameters' })

/** What is different in one network, or in one VLAN of it. */
const NetworkSettings = z.strictObject({
  ...NetworkMatch.shape,
  /** Whether guests are served by DHCPv6; not, where a router does it. */
  dhcp6: z.boolean().default(true),
  /** Whether guests are told by router advertisements that there is DHCPv6, and which router they have. */
  ra: z.boolean().default(true),
})

/** What DHCP does: `dhcp` in the policy. Every key is optional. */
export const DhcpPolicy = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Seconds. */
    lease: Lease.default(LEASE.usual),
    /** Networks to leave alone. */
    exclude: z.exactOptional(z.array(NetworkMatch)),
    /** Networks to serve, and no others. */
    only: z.exactOptional(z.array(NetworkMatch)),
    /** What is different in some networks. */
    networks: z.exactOptional(z.array(NetworkSettings)),
    /** What guests that boot from the network are told. */
    boot: z.exactOptional(
      z.strictObject({
        nextServer: z.exactOptional(parsedBy(parseIpv4, 'an IPv4 address')),
        /** Where files are that guests boot over IPv6. */
        nextServer6: z.exactOptional(parsedBy(parseIpv6, 'an IPv6 address')),
        /** For legacy PXE firmware. */
        bios: z.exactOptional(BootFile),
        /** For UEFI firmware. */
        uefi: z.exactOptional(BootFile),
        /** For iPXE, whichever way it was started. */
        ipxe: z.exactOptional(BootFile),
        /** What is told to whatever is booted over IPv6. */
        parameters6: z.exactOptional(BootParameters),
      }),
    ),
  })
  .refine(dhcp => !('exclude' in dhcp && 'only' in dhcp), {
    path: ['only'],
    error: 'cannot be used together with `exclude`',
    // Also where something else is wrong: all mistakes are told at once.
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
export type DhcpPolicy = z.output<typeof DhcpPolicy>

/** What keeps guests of a network from being served: the keys within `dhcp` that say so. */
export interface Exclusion {
  readonly why: 'disabled' | 'excluded'
  readonly path: Path
}

/** Why guests of a network are not served by DHCP of a family; `undefined`: they are. */
export function exclusionOf(
  { enabled, only, exclude = [], networks = [] }: DhcpPolicy,
  network: Network,
  family: Family,
): Exclusion | undefined {
  if (!enabled) return { why: 'disabled', path: ['enabled'] }
  if (only !== undefined && !only.some(match => matchesNetwork(match, network)))
    return { why: 'excluded', path: ['only'] }
  const index = exclude.findIndex(match => matchesNetwork(match, network))
  if (index >= 0) return { why: 'excluded', path: ['exclude', index] }
  const off = networks.findIndex(({ dhcp6, ...match }) => !dhcp6 && matchesNetwork(match, network))
  return family === 'ipv6' && off >= 0 ? { why: 'excluded', path: ['networks', off, 'dhcp6'] } : undefined
}

/** Whether guests of a network do get addresses by DHCP of a family, but from others. */
export function isLeftToOthers(policy: DhcpPolicy, network: Network, family: Family): boolean {
  return exclusionOf(policy, network, family)?.path[0] === 'networks'
}

/** Whether guests of a network get router advertisements from guestnet: unless one entry that names it says no. */
export function advertisesTo({ networks = [] }: DhcpPolicy, network: Network): boolean {
  return networks.every(({ ra, ...match }) => ra || !matchesNetwork(match, network))
}
