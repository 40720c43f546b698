import { counted } from '../text/counted.ts'
import type { Address, Ipv6 } from '../values/address.ts'
import type { Descriptions } from '../values/describe.ts'
import type { DropReason } from './drop.ts'
import { describeNetworkId, type Entry, type NetworkId } from './entry.ts'
import type { Quick } from './quick.ts'

/** One step from the guard there is to the guard there should be. */
export type GuardChange =
  /** Whatever is there under the table's name goes in the same transaction. */
  | { readonly kind: 'guard-create'; readonly mode: 'report' | 'on'; readonly anew: boolean }
  | { readonly kind: 'guard-mode'; readonly mode: 'report' | 'on' }
  | {
      readonly kind: 'guard-network'
      readonly network: NetworkId
      /** Its chain and sets are to be made; `anew`: in place of what is there. */
      readonly make?: 'new' | 'anew'
      readonly add: readonly Address[]
      readonly remove: readonly Address[]
    }
  | {
      readonly kind: 'guard-link-locals'
      readonly add: readonly Ipv6[]
      readonly remove: readonly Ipv6[]
    }
  | {
      readonly kind: 'guard-port'
      readonly link: string
      readonly label: string
      /** `rules`: it stays, and has other rules. */
      readonly chain: 'new' | 'anew' | 'rules' | 'kept'
      readonly quick: readonly Quick[]
      readonly add: readonly Entry[]
      readonly remove: readonly Entry[]
      /** What was counted of a former guest at this link. */
      readonly forget: readonly DropReason[]
    }
  | {
      readonly kind: 'guard-release'
      readonly link: string
      readonly remove: readonly Entry[]
      readonly forget: readonly DropReason[]
    }
  | { readonly kind: 'guard-network-remove'; readonly network: NetworkId }
  | { readonly kind: 'guard-remove' }

/** One sentence each, in plain words. */
export const DESCRIBE_GUARD: Descriptions<GuardChange> = {
  'guard-create': ({ mode, anew }) =>
    `create the nftables table of the guard${anew ? ' anew' : ''}, ${MODE[mode]}`,
  'guard-mode': ({ mode }) => `set the guard to ${mode}: ${MODE[mode]}`,
  'guard-network': ({ network, add, remove }) =>
    add.length + remove.length === 0
      ? `make the rules for ports that are open in ${describeNetworkId(network)}`
      : `keep ${counted(add.length, 'address', 'addresses')} in ${describeNetworkId(network)} for who has them${remove.length === 0 ? '' : `, ${remove.length} no longer`}`,
  'guard-link-locals': ({ add, remove }) =>
    `keep ${counted(add.length, 'link-local address', 'link-local addresses')} for who has them${remove.length === 0 ? '' : `, ${remove.length} no longer`}`,
  'guard-port': ({ link, label, add, remove }) => `guard ${link} (${label}): ${describeEntries(add, remove)}`,
  'guard-release': ({ link }) => `stop guarding ${link}`,
  'guard-network-remove': ({ network }) => `forget who has what in ${describeNetworkId(network)}`,
  'guard-remove': () => 'remove the nftables table of the guard',
}

const MODE = { on: 'which drops', report: 'which only counts' } as const

function describeEntries(add: readonly Entry[], remove: readonly Entry[]): string {
  const parts = [
    ...add.map(entry => `+ ${describeEntry(entry)}`),
    ...remove.map(entry => `− ${describeEntry(entry)}`),
  ]
  return parts.length === 0 ? 'its chain' : parts.join(', ')
}

function describeEntry(entry: Entry): string {
  const [kind, value = '', network = ''] = entry.split(' ')
  switch (kind) {
    case 'open4':
    case 'open6':
      return `any ${kind === 'open4' ? 'IPv4' : 'IPv6'} address that nobody else has in ${describeNetworkId(value)}`
    case 'tags':
      return `VLAN ${value} (${describeNetworkId(network)})`
    case 'any-mac':
      return 'any MAC'
    case 'router':
      return 'what a router sends'
    default:
      return value
  }
}
