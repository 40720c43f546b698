import { addressOf4 } from './address.ts'
import type { Announcement } from './announcement.ts'
import { assertNever } from './brand.ts'
import type { KernelSetting } from './forwarding.ts'
import type { ServerNumber } from './intent/servers.ts'
import type { Mac } from './mac.ts'
import { describeNic, type Offer } from './offer.ts'
import { describeRoutingChange, type RoutingChange } from './routingChange.ts'

/** A guest's link whose DHCP is taken to a server. */
export interface Port {
  readonly link: string
  readonly ifindex: number
  readonly server: ServerNumber
  readonly offer: Offer
}

/** One step from what is to what should be. `describeChange` says each in one sentence. */
export type Change = DhcpChange | AnnounceChange

export type AnnounceChange =
  | ({ readonly kind: 'sysctl-set' } & KernelSetting)
  | { readonly kind: 'routing'; readonly table: number; readonly step: RoutingChange }
  /** `former`: the process id of a BIRD that no longer answers, to be ended first. */
  | { readonly kind: 'bird-start'; readonly former?: number }
  | { readonly kind: 'bird-configure' }
  | { readonly kind: 'bird-stop'; readonly pid: number }
  | { readonly kind: 'announce'; readonly announcement: Announcement }
  | { readonly kind: 'withdraw'; readonly announcement: Announcement }

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

/** One sentence in plain words. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'table-create':
      return 'create the nftables table'
    case 'slot-create':
      return `${change.repair ? 'rebuild' : 'build'} namespace and link ${change.slot}`
    case 'slot-name':
      return `name the namespace of Kea ${change.pid} again`
    case 'server-start':
      return `start Kea for server ${change.server} in namespace ${change.slot} with ${counted(change.offers.length, 'reservation')}`
    case 'replies-open':
      return `let replies from ${change.link} out to the guests' ports`
    case 'server-switch':
      return `send requests for server ${change.server} to namespace ${change.slot}`
    case 'port-serve': {
      const { offer, link, server } = change.port
      return `serve ${describeNic(offer)} at ${link}: ${addressOf4(offer.address)} for ${offer.mac}, server ${server}`
    }
    case 'port-release':
      return `stop serving ${change.link}`
    case 'element-remove':
      return `forget the port of ${change.mac}`
    case 'switch-remove':
      return `stop sending requests to server ${change.server}`
    case 'sysctl-set':
      return `set ${change.name} to ${change.value}`
    case 'routing':
      return describeRoutingChange(change.step, change.table)
    case 'bird-start':
      return change.former === undefined ? 'start BIRD' : `start BIRD in place of ${change.former}`
    case 'bird-configure':
      return 'configure BIRD anew'
    case 'bird-stop':
      return `end BIRD ${change.pid}`
    case 'announce':
      return `announce ${change.announcement.prefix} for guest ${change.announcement.vmid}`
    case 'withdraw':
      return `withdraw ${change.announcement.prefix} of guest ${change.announcement.vmid}`
    case 'server-retire':
      return `end Kea ${change.pid} in namespace ${change.slot}`
    default:
      return assertNever(change)
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
