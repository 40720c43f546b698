import type { Announcement } from '../announcing/announcement.ts'
import type { BirdPeer, BirdSettings } from '../announcing/birdSettings.ts'
import { isToldTo } from '../announcing/toldTo.ts'
import type { AnnounceIntent } from '../announcing/wanted.ts'
import type { DhcpIntent } from '../dhcp/intent.ts'
import type { Policy } from '../policy/policy.ts'
import type { Prefix } from '../values/address.ts'

/** What one node's guests have by a policy, whether they run at the moment or not. */
export interface Reach {
  /** The guests that are served. */
  readonly guests: ReadonlySet<number>
  /** The prefixes that the kernel has. */
  readonly prefixes: ReadonlySet<Prefix>
  /** The table they are in, which a daemon of the administrator's may read. */
  readonly table?: number
  /** Those that peers are told; absent: there is no BIRD of guestnet's. */
  readonly told?: ReadonlySet<Prefix>
  /** Its sessions, by the name of the peer, each with all that makes it what it is. */
  readonly sessions: ReadonlyMap<string, string>
}

/** What a node's guests have by what is intended for them under a policy. */
export function reachOf(dhcp: DhcpIntent, announcing: AnnounceIntent | undefined, policy: Policy): Reach {
  return {
    guests: new Set(dhcp.offers.map(({ vmid }) => vmid)),
    ...announcedReach(announcing, policy),
  }
}

function announcedReach(
  announcing: AnnounceIntent | undefined,
  { bgp }: Policy,
): Pick<Reach, 'prefixes' | 'table' | 'told' | 'sessions'> {
  const all = announcing?.announcements ?? []
  const settings = announcing?.bird?.settings
  const isTold = (announcement: Announcement) =>
    settings?.peers.some(peer => isToldTo(peer, announcement, settings.exports)) === true
  return {
    prefixes: prefixesOf(all),
    ...(announcing && { table: announcing.routing.table }),
    ...(bgp?.mode === 'own' && { told: prefixesOf(all.filter(isTold)) }),
    sessions: new Map(settings?.peers.map(peer => [peer.name, sessionKey(settings, peer)])),
  }
}

function prefixesOf(announcements: readonly Announcement[]): Set<Prefix> {
  return new Set(announcements.map(({ prefix }) => prefix))
}

/** Whether BIRD begins a session anew when this changes (tried with 2.0.12); filters and BFD it changes as it goes. */
const BEGINS_ANEW = {
  name: true,
  address: true,
  interface: true,
  as: true,
  password: true,
  multihop: true,
  localAddress: true,
  holdTime: true,
  ttlSecurity: true,
  families: true,
  port: true,
  bfd: false,
  defaultRoute: false,
  nodes: false,
} as const satisfies Record<keyof BirdPeer, boolean>

function sessionKey({ as, routerId, localPort }: BirdSettings, peer: BirdPeer): string {
  const own = (Object.keys(BEGINS_ANEW) as (keyof BirdPeer)[]).filter(key => BEGINS_ANEW[key])
  return JSON.stringify([as, routerId, localPort, ...own.map(key => peer[key] ?? null)])
}
