import { addressOf4 } from '../values/address.ts'
import type { Descriptions } from '../values/describe.ts'
import type { Mac } from '../values/mac.ts'
import { describeNic, type Offer } from './offer.ts'
import type { ServerNumber } from './servers.ts'

/** A guest's link whose DHCP is taken to a server. */
export interface Port {
  readonly link: string
  readonly ifindex: number
  readonly server: ServerNumber
  readonly offer: Offer
}

/** One step from the DHCP there is to the DHCP there should be. */
export type DhcpChange =
  | { readonly kind: 'table-create' }
  | { readonly kind: 'slot-create'; readonly slot: number; readonly repair: boolean }
  | { readonly kind: 'slot-name'; readonly slot: number; readonly pid: number }
  | {
      readonly kind: 'server-start'
      readonly server: ServerNumber
      readonly slot: number
      readonly config: string
      readonly offers: readonly Offer[]
    }
  | { readonly kind: 'replies-open'; readonly slot: number; readonly link: string }
  | {
      readonly kind: 'server-switch'
      readonly server: ServerNumber
      readonly slot: number
      readonly link: string
    }
  | { readonly kind: 'port-serve'; readonly port: Port; readonly stale: StalePort }
  | { readonly kind: 'port-release'; readonly link: string }
  | { readonly kind: 'element-remove'; readonly mac: Mac }
  | { readonly kind: 'switch-remove'; readonly server: ServerNumber }
  | {
      readonly kind: 'server-retire'
      readonly slot: number
      readonly pid: number
      /** The slot that serves in its place, and to which leases made meanwhile are handed. */
      readonly successor?: number
    }

/** What is there already under a port's names, to be replaced in the same transaction. */
export interface StalePort {
  readonly chain: boolean
  readonly element: boolean
}

/** What a port's rule says of itself in nftables; equal labels mean equal rules. */
export function portLabel({ offer, server }: Port): string {
  return `${describeNic(offer)} ${offer.mac} server ${server}`
}

/** One sentence each, in plain words. */
export const DESCRIBE_DHCP: Descriptions<DhcpChange> = {
  'table-create': () => 'create the nftables table',
  'slot-create': change => `${change.repair ? 'rebuild' : 'build'} namespace and link ${change.slot}`,
  'slot-name': change => `name the namespace of Kea ${change.pid} again`,
  'server-start': change =>
    `start Kea for server ${change.server} in namespace ${change.slot} with ${counted(change.offers.length, 'reservation')}`,
  'replies-open': change => `let replies from ${change.link} out to the guests' ports`,
  'server-switch': change => `send requests for server ${change.server} to namespace ${change.slot}`,
  'port-serve': change => {
    const { offer, link, server } = change.port
    return `serve ${describeNic(offer)} at ${link}: ${addressOf4(offer.address)} for ${offer.mac}, server ${server}`
  },
  'port-release': change => `stop serving ${change.link}`,
  'element-remove': change => `forget the port of ${change.mac}`,
  'switch-remove': change => `stop sending requests to server ${change.server}`,
  'server-retire': change => `end Kea ${change.pid} in namespace ${change.slot}`,
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
