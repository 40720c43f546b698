import { addressOf, networkPrefixOf, type Offer, type Offer4, type Offer6 } from '../core/dhcp/offer.ts'
import { familyOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import { SERVER_LINK } from '../core/dhcp/slot.ts'
import { part4 } from './config4.ts'
import { part6 } from './config6.ts'
import { KEA } from './daemons.ts'
import { keaPaths } from './directories.ts'
import { type FamilyPart, loggerOf, type ServerPolicy } from './familyPart.ts'
import { hardwareAddressOf } from './hardwareAddress.ts'
import type { LeaseHolder } from './leases.ts'
import { contextOfServer } from './stored.ts'
import { subnetIds } from './subnetIds.ts'

/**
 * Seconds between two clean-ups of the lease file, to which Kea only ever adds; its default is an hour. What is written
 * meanwhile has to fit into the memory that the file has.
 */
const CLEAN_UP_INTERVAL = 30

/** Seconds for which a lease counts as just given: short enough that a guest which starts anew is seen to take its lease. */
const FRESH = 5

/**
 * A whole configuration of Kea's, the same text for the same offers. It carries the offers themselves as user contexts, so
 * that what a running Kea serves can be read back without any memory.
 *
 * Trap: subnets without pools, reservations inside them. Kea then answers known hardware addresses only, each with what
 * belongs to its own prefix. One catch-all subnet would send its own mask to everybody.
 */
export function renderConfig(
  server: ServerId,
  offers: readonly Offer[],
  policy: ServerPolicy,
  hooksFolder: string,
): string {
  const daemon = KEA[familyOfServer(server)]
  const paths = keaPaths(daemon)
  const { keys, classes, options, subnets } = partOf(server, offers, policy)
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
      ...keys,
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
      'client-classes': classes,
      'shared-networks': [
        { name: 'guests', interface: SERVER_LINK, 'option-data': options, [daemon.subnets]: subnets },
      ],
      loggers: [loggerOf(daemon.program, paths.log)],
    },
  }
  return `${JSON.stringify(config, null, 1)}\n`
}

function partOf(server: ServerId, offers: readonly Offer[], policy: ServerPolicy): FamilyPart {
  return familyOfServer(server) === 'ipv4'
    ? part4(offers.filter(isOffer4), policy)
    : part6(offers.filter(isOffer6), policy)
}

function isOffer4(offer: Offer): offer is Offer4 {
  return offer.family === 'ipv4'
}

function isOffer6(offer: Offer): offer is Offer6 {
  return offer.family === 'ipv6'
}

/** Who may hold which lease of a server that makes these offers. */
export function leaseHolders(offers: readonly Offer[]): LeaseHolder[] {
  const ids = subnetIds([...new Set(offers.map(networkPrefixOf))].toSorted())
  return offers.map(offer => ({
    address: addressOf(offer),
    hardwareAddress: hardwareAddressOf(offer),
    subnetId: ids.get(networkPrefixOf(offer)) ?? 0,
  }))
}
