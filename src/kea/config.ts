import { createHash } from 'node:crypto'
import { addressOf, networkPrefixOf, type Offer, type Offer4 } from '../core/dhcp/offer.ts'
import { familyOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import { SERVER_LINK } from '../core/dhcp/slot.ts'
import { contains4, type Ipv4, octetsOf, type Prefix, prefixOf4 } from '../core/values/address.ts'
import { groupBy } from '../core/values/collection.ts'
import { type BootPolicy, bootClasses } from './boot.ts'
import { KEA } from './daemons.ts'
import { keaPaths } from './directories.ts'
import type { LeaseHolder } from './leases.ts'
import { PROBE } from './probeFrame.ts'
import { contextOfServer } from './stored.ts'

/** What a Kea configuration depends on besides the offers. */
export interface ServerPolicy {
  /** Seconds. */
  readonly lease: number
  readonly boot?: BootPolicy
}

/**
 * Seconds between two clean-ups of the lease file, to which Kea only ever adds; its default is an hour. What is written
 * meanwhile has to fit into the memory that the file has.
 */
const CLEAN_UP_INTERVAL = 30

/** Seconds for which a lease counts as just given: short enough that a guest which starts anew is seen to take its lease. */
const FRESH = 5

const PROBE_CLASS = 'probe'
const IS_PROBE = `0x${PROBE.mac.replaceAll(':', '')}`

/**
 * Of the one who asks whether Kea is well. Its address comes from a pool, for all reservations are guests'; each of its
 * leases is written, which is what it is to show.
 */
const PROBE_SUBNET = {
  id: 4_294_967_294,
  subnet: `${PROBE.address}/32`,
  'client-class': PROBE_CLASS,
  pools: [{ pool: `${PROBE.address}/32` }],
  reservations: [],
  'valid-lifetime': 60,
  // Kea takes no 0.
  'cache-threshold': 0.01,
}

/**
 * A whole `kea-dhcp4` configuration (Kea ARM, "The DHCPv4 Server"), the same text for the same offers. It carries the
 * offers themselves as user contexts, so that what a running Kea serves can be read back without any memory.
 *
 * Traps:
 * - A prefix can be configured once only, so all offers of a prefix share a subnet; the option 54 that Kea accepts from
 *   clients can be set per subnet, not per reservation.
 * - Subnets without pools, reservations inside them: Kea then answers known hardware addresses only, with the mask of
 *   their own prefix. One catch-all subnet would send its own mask to everybody.
 * - `authoritative` makes Kea tell a guest at once that a former address is no longer its own, and the class DROP
 *   keeps it from telling strangers anything.
 * - `match-client-id: false`: firmware, installer and system of one machine use different client identifiers.
 */
export function renderConfig(
  server: ServerId,
  offers: readonly Offer[],
  policy: ServerPolicy,
  hooksFolder: string,
): string {
  const daemon = KEA[familyOfServer(server)]
  const paths = keaPaths(daemon)
  const byPrefix = groupBy(offers.filter(isOffer4), offer => prefixOf4(offer.address))
  const prefixes = [...byPrefix.keys()].toSorted()
  const ids = subnetIds(prefixes)
  const config = {
    [daemon.section]: {
      'user-context': contextOfServer(server),
      'interfaces-config': { interfaces: [SERVER_LINK] },
      'control-socket': { 'socket-type': 'unix', 'socket-name': paths.socket },
      'lease-database': {
        type: 'memfile',
        persist: true,
        name: paths.leases,
        'lfc-interval': CLEAN_UP_INTERVAL,
      },
      'hooks-libraries': [{ library: `${hooksFolder}/libdhcp_lease_cmds.so` }],
      'multi-threading': { 'enable-multi-threading': false },
      authoritative: true,
      'match-client-id': false,
      'valid-lifetime': policy.lease,
      // A guest that asks again at once gets what is left of the lease that it has, and nothing is written.
      'cache-threshold': 0.25,
      'cache-max-age': FRESH,
      // A guest that finds its address in use may ask again soon: the address is still its own.
      'decline-probation-period': 5,
      'expired-leases-processing': { 'reclaim-timer-wait-time': 2 },
      'dhcp-ddns': { 'enable-updates': false },
      'host-reservation-identifiers': ['hw-address'],
      'reservations-in-subnet': true,
      'reservations-out-of-pool': true,
      'client-classes': [
        { name: PROBE_CLASS, test: `pkt4.mac == ${IS_PROBE}` },
        // Of the unknown: all but the probe.
        { name: 'DROP', test: `member('UNKNOWN') and not (pkt4.mac == ${IS_PROBE})` },
        ...bootClasses(policy.boot),
      ],
      'shared-networks': [
        {
          name: 'guests',
          interface: SERVER_LINK,
          [daemon.subnets]: [
            ...prefixes.map(prefix => renderSubnet(prefix, ids.get(prefix) ?? 0, byPrefix.get(prefix) ?? [])),
            PROBE_SUBNET,
          ],
        },
      ],
      loggers: [
        {
          name: daemon.program,
          severity: 'WARN',
          output_options: [{ output: paths.log, maxsize: 1_048_576, maxver: 1 }],
        },
      ],
    },
  }
  return `${JSON.stringify(config, null, 1)}\n`
}

/** Stable numbers for prefixes, so that a lease keeps its subnet when others come and go. Kea takes 1 to 2^32 - 2. */
export function subnetIds(prefixes: readonly Prefix[]): Map<Prefix, number> {
  const ids = new Map<Prefix, number>()
  const taken = new Set<number>()
  for (const prefix of prefixes) {
    // The last one is the probe's.
    let id = (createHash('sha256').update(prefix).digest().readUInt32BE(0) % 4_294_967_293) + 1
    while (taken.has(id)) id = (id % 4_294_967_293) + 1
    taken.add(id)
    ids.set(prefix, id)
  }
  return ids
}

function renderSubnet(prefix: Prefix, id: number, offers: readonly Offer4[]): object {
  const gateways = new Set(offers.map(offer => offer.gateway))
  const [gateway] = gateways
  return {
    id,
    subnet: prefix,
    // The guest renews by unicast to this address; its way there leads through the port, where the request is taken.
    'option-data': gateways.size === 1 && gateway ? [{ name: 'dhcp-server-identifier', data: gateway }] : [],
    reservations: offers.toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic).map(renderReservation),
  }
}

function renderReservation(offer: Offer4): object {
  const options = [
    ...(offer.gateway ? [{ name: 'routers', data: offer.gateway }] : []),
    ...(offer.gateway && !contains4(prefixOf4(offer.address), offer.gateway)
      ? [{ code: 121, 'csv-format': false, data: onLinkRoutes(offer.gateway) }]
      : []),
    ...(offer.dns.length > 0 ? [{ name: 'domain-name-servers', data: offer.dns.join(', ') }] : []),
    ...(offer.search.length > 0 ? [{ name: 'domain-search', data: offer.search.join(', ') }] : []),
    ...(offer.domain === undefined ? [] : [{ name: 'domain-name', data: offer.domain }]),
    ...(offer.mtu === undefined ? [] : [{ name: 'interface-mtu', data: String(offer.mtu) }]),
  ]
  return {
    'hw-address': offer.mac,
    'ip-address': addressOf(offer),
    hostname: offer.hostname,
    'option-data': options,
    'user-context': { offer: inOrder(offer) },
  }
}

/** An offer that was read back from a configuration has its keys in another order, and must make the same configuration. */
function inOrder(offer: Offer4): object {
  return Object.fromEntries(Object.entries(offer).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** RFC 3442: the gateway itself is on the link, and everything else is behind it. */
function onLinkRoutes(gateway: Ipv4): string {
  const hex = Buffer.from(octetsOf(gateway)).toString('hex')
  return `20${hex}00000000` + `00${hex}`
}

function isOffer4(offer: Offer): offer is Offer4 {
  return offer.family === 'ipv4'
}

/** Who may hold which lease of a server that makes these offers. */
export function leaseHolders(offers: readonly Offer[]): LeaseHolder[] {
  const ids = subnetIds([...new Set(offers.map(networkPrefixOf))].toSorted())
  return offers.map(offer => ({
    address: addressOf(offer),
    mac: offer.mac,
    subnetId: ids.get(networkPrefixOf(offer)) ?? 0,
  }))
}
