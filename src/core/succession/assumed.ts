import type { AnnounceObservation } from '../announcing/observation.ts'
import { NO_GUARD } from '../guard/observation.ts'
import { linkNameOf } from '../guest/links.ts'
import type { Link } from '../node/link.ts'
import type { Observation } from '../observation.ts'
import type { Reading } from '../reading.ts'

/**
 * A node as the policy supposes it: every guest runs, its bridges are there, and nothing was done yet. `hasLink` tells of links that
 * only the policy names.
 */
export function assumedObservation(
  reading: Pick<Reading, 'guests' | 'policy'>,
  hasLink: (name: string) => boolean,
): Observation {
  const names = [...guestLinks(reading), ...policyLinks(reading).filter(hasLink)]
  return {
    holders: new Map(),
    links: new Map([...new Set(names)].map((name, index) => [name, linkOf(name, index + 1)])),
    ports: {
      exists: false,
      switches: new Map(),
      open: new Set(),
      chains: new Map(),
      routers: new Map(),
      elements: new Map(),
    },
    guard: { table: NO_GUARD },
    slots: [],
    advertising: {
      advertiser: { state: 'absent', wasThere: false },
      link: { name: '', isUp: false },
      ownAddresses: new Map(),
      soughtRouters: new Map(),
    },
    ...(reading.policy.announce && { announcing: NOTHING_THERE }),
  }
}

/** The ports of guests, their bridges, and what Proxmox makes for a VLAN of a bridge. */
function guestLinks({ guests }: Pick<Reading, 'guests'>): string[] {
  return guests.flatMap(guest =>
    guest.nics.flatMap(({ index, bridge, tag }) => [
      linkNameOf(guest, index),
      ...(bridge === undefined ? [] : [bridge]),
      ...(bridge === undefined || tag === undefined ? [] : [`${bridge}.${tag}`]),
    ]),
  )
}

function policyLinks({ policy }: Pick<Reading, 'policy'>): string[] {
  return policy.announce?.networks.flatMap(({ device }) => device ?? []) ?? []
}

function linkOf(name: string, ifindex: number): Link {
  return { name, ifindex, mtu: 1500, up: true, carrier: true }
}

const NOTHING_THERE: AnnounceObservation = {
  routing: { routes: [], foreign: [], neighbours: [], proxies: [], rules: [], gateways: [] },
  bird: { state: 'absent', wasThere: false },
  now: 0,
  ownAddresses: [],
  ownEnds: new Map(),
}
