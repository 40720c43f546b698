import type { Address, Prefix } from '../core/values/address.ts'
import { assertNever } from '../core/values/brand.ts'
import type { Family } from '../core/values/family.ts'
import type { Mac } from '../core/values/mac.ts'

/** A policy rule that asks for one thing only: where traffic comes from, or where it goes. */
export interface PlainRule {
  readonly kind: 'rule'
  readonly family: Family
  readonly pref: number
  readonly side: 'from' | 'to'
  readonly prefix: Prefix
  readonly table: number
}

/** A route that was put there by hand or by a program that gave no protocol of its own. */
export interface PlainRoute {
  readonly kind: 'route'
  readonly prefix: Prefix
  readonly device: string
  readonly via?: Address
  readonly table: number
  readonly metric: number
  /** A number of rtnetlink(7): 3 is `boot`, 4 is `static`. */
  readonly protocol: number
}

/** A permanent neighbour entry without guestnet's mark. */
export interface PlainNeighbour {
  readonly kind: 'neighbour'
  readonly address: Address
  readonly device: string
  readonly mac: Mac
}

/** A network namespace and the processes in it. */
export interface LeftNamespace {
  readonly kind: 'namespace'
  readonly name: string
  readonly pids: readonly number[]
}

export interface LeftLink {
  readonly kind: 'link'
  readonly name: string
}

/** Something that one of guestnet's predecessors left on the node. */
export type Leftover = PlainRule | PlainRoute | PlainNeighbour | LeftNamespace | LeftLink

/** Everything on the node that may be a leftover. */
export interface LeftoverObservation {
  readonly rules: readonly PlainRule[]
  readonly routes: readonly PlainRoute[]
  readonly neighbours: readonly PlainNeighbour[]
  readonly namespaces: readonly LeftNamespace[]
  /** Veth links. */
  readonly links: readonly LeftLink[]
}

/** One line that says what it is, in the words of ip(8). */
export function describeLeftover(leftover: Leftover): string {
  switch (leftover.kind) {
    case 'rule': {
      const { pref, side, prefix, table } = leftover
      return `rule ${pref}: ${side} ${prefix} lookup ${table}`
    }
    case 'route': {
      const { prefix, device, via, table } = leftover
      return `route ${prefix}${via === undefined ? '' : ` via ${via}`} dev ${device} table ${table}`
    }
    case 'neighbour': {
      const { address, device, mac } = leftover
      return `neighbour ${address} lladdr ${mac} dev ${device}`
    }
    case 'namespace': {
      const { name, pids } = leftover
      const inside = pids.length === 0 ? 'nothing runs in it' : `ending in it process ${pids.join(', ')}`
      return `namespace ${name} (${inside})`
    }
    case 'link':
      return `link ${leftover.name}`
    default:
      return assertNever(leftover)
  }
}
