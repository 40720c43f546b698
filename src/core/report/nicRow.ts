import type { Lease } from '../dhcp/lease.ts'
import type { Offer } from '../dhcp/offer.ts'
import type { ServerId } from '../dhcp/serverId.ts'
import type { GuestType } from '../guest/names.ts'
import type { Links } from '../node/link.ts'
import type { Refusal } from '../problem/refusal.ts'
import type { Family } from '../values/family.ts'

/**
 * Where a NIC is on its way to an address of one family: `served` at its port, `stopped` (offered as soon as it has a port),
 * `pending` (it has a port that is not served yet), `refused` or, where somebody meant it so, `left-alone` (see `refusal`).
 */
export type NicState = 'served' | 'stopped' | 'pending' | 'refused' | 'left-alone'

export interface NicReport {
  readonly vmid: number
  readonly type: GuestType
  readonly nic: number
  /** What its guest is called. */
  readonly name?: string
  readonly family: Family
  readonly state: NicState
  readonly refusal?: Refusal
  readonly offer?: Offer
  /** What of the node keeps the guest from asking: its port is down, or there is no such bridge to start it on. */
  readonly hindrance?: 'port-down' | 'bridge-missing'
  /** The Kea that offers it. */
  readonly server?: ServerId
  /** DHCP messages taken at its port since that was set up. */
  readonly requests?: number
  /** Messages that came too fast since its port is served, and went nowhere; absent: none. */
  readonly dropped?: number
  readonly lease?: Lease
}

/** What a row says besides its offer. */
interface Told {
  readonly state: NicState
  readonly server: ServerId | undefined
  readonly requests: number | undefined
  readonly dropped: number | undefined
  readonly hindrance: NicReport['hindrance']
  readonly name: string | undefined
}

/** The row of an offer, and what it was made of. */
const ROWS = new WeakMap<Offer, { readonly told: Told; readonly row: NicReport }>()

/** The same while it says the same: of hundreds of rows, an event changes one. */
export function rowOf(offer: Offer, told: Told): NicReport {
  const known = ROWS.get(offer)
  if (known && TOLD.every(key => known.told[key] === told[key])) return known.row
  const { vmid, type, nic, family } = offer
  const { state, server, requests, dropped, hindrance, name } = told
  const row = {
    vmid,
    type,
    nic,
    family,
    state,
    offer,
    ...(server !== undefined && { server }),
    ...(requests !== undefined && { requests }),
    ...(dropped !== undefined && { dropped }),
    ...(hindrance && { hindrance }),
    ...(name !== undefined && { name }),
  }
  ROWS.set(offer, { told, row })
  return row
}

const TOLD = ['state', 'server', 'requests', 'dropped', 'hindrance', 'name'] as const satisfies (keyof Told)[]

/** What keeps a guest from asking at all. */
export function hindranceOf({ link, network }: Offer, links: Links): NicReport['hindrance'] {
  const port = links.get(link)
  if (port) return port.up ? undefined : 'port-down'
  return links.has(network.bridge) ? undefined : 'bridge-missing'
}
