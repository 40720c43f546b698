import { counted } from '../text/counted.ts'
import type { Descriptions } from '../values/describe.ts'
import type { Family } from '../values/family.ts'
import type { Building, ElementKey } from './observation.ts'
import type { Offer } from './offer.ts'
import type { ServerId } from './serverId.ts'
import { describeService, type Port } from './service.ts'

/** One step from the DHCP there is to the DHCP there should be. */
export type DhcpChange =
  | { readonly kind: 'table-create' }
  | { readonly kind: 'slot-create'; readonly slot: number; readonly repair: boolean }
  | { readonly kind: 'slot-remove'; readonly slot: number }
  | { readonly kind: 'slot-name'; readonly slot: number; readonly pid: number }
  | {
      readonly kind: 'server-start'
      readonly server: ServerId
      readonly slot: number
      readonly config: string
      readonly offers: readonly Offer[]
      /** The process of the spare Kea that is told to; absent: one has to be started. */
      readonly spare?: number
    }
  | {
      /** In the background: requests go to it once it is seen to serve that. */
      readonly kind: 'server-prepare'
      readonly server: ServerId
      readonly slot: number
      /** What becomes of its slot first; absent: that is ready. */
      readonly builds?: Building
      readonly config: string
      readonly offers: readonly Offer[]
      /** The process of the spare Kea that is told to; absent: one has to be started. */
      readonly spare?: number
    }
  | {
      /** In the background. */
      readonly kind: 'spare-start'
      readonly slot: number
      readonly builds?: Building
      readonly family: Family
    }
  | { readonly kind: 'slot-open'; readonly slot: number; readonly link: string }
  | {
      readonly kind: 'server-switch'
      readonly server: ServerId
      readonly slot: number
      readonly link: string
    }
  | { readonly kind: 'port-serve'; readonly port: Port; readonly stale: StalePort }
  | { readonly kind: 'port-release'; readonly link: string }
  | { readonly kind: 'element-remove'; readonly element: ElementKey }
  | { readonly kind: 'switch-remove'; readonly server: ServerId }
  | {
      readonly kind: 'server-retire'
      readonly slot: number
      /** Absent: its process is gone, and only its files are left. */
      readonly pid?: number
      /** The slot that serves in its place, and to which leases made meanwhile are handed. */
      readonly successor?: number
    }

/** What is there already under a port's names, to be replaced in the same transaction. */
export interface StalePort {
  readonly chain: boolean
  readonly elements: readonly ElementKey[]
}

/** One sentence each, in plain words. */
export const DESCRIBE_DHCP: Descriptions<DhcpChange> = {
  'table-create': () => 'create the nftables table',
  'slot-create': ({ repair, slot }) => `${repair ? 'rebuild' : 'build'} namespace and link ${slot}`,
  'slot-remove': ({ slot }) => `remove the unused namespace and link ${slot}`,
  'slot-name': ({ pid }) => `name the namespace of Kea ${pid} again`,
  'server-start': ({ server, slot, offers, spare }) => {
    const how = spare === undefined ? `start Kea ${server}` : `make spare Kea ${spare} serve as ${server}`
    return `${how} in namespace ${slot} with ${counted(offers.length, 'reservation')}`
  },
  'server-prepare': ({ server, slot, builds, offers, spare }) => {
    const how =
      spare === undefined ? `start Kea ${server}` : `make spare Kea ${spare} ready to serve as ${server}`
    return `${first(builds, slot)}${how} in namespace ${slot} with ${counted(offers.length, 'reservation')}`
  },
  'spare-start': ({ slot, builds, family }) =>
    `${first(builds, slot)}start a spare Kea for ${family === 'ipv4' ? 'DHCPv4' : 'DHCPv6'} in namespace ${slot}`,
  'slot-open': ({ link }) => `open the way to ${link}, and from there back to the guests' ports`,
  'server-switch': ({ server, slot }) => `send requests for ${server} to namespace ${slot}`,
  'port-serve': ({ port: { link, services } }) =>
    `serve ${services.map(service => describeService(service, link)).join('; ')}`,
  'port-release': ({ link }) => `stop serving ${link}`,
  'element-remove': ({ element }) => `remove the reply port of ${element}`,
  'switch-remove': ({ server }) => `remove the chain of ${server}`,
  'server-retire': ({ slot, pid }) =>
    pid === undefined
      ? `remove the files of a dead Kea in namespace ${slot}`
      : `end Kea process ${pid} in namespace ${slot}`,
}

function first(builds: Building | undefined, slot: number): string {
  return builds ? `${builds} namespace and link ${slot}, and ` : ''
}
