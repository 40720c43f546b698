import type { GuardChange } from '../../core/guard/change.ts'
import type { Entry, NetworkId } from '../../core/guard/entry.ts'
import {
  type GuardTable,
  NO_GUARD,
  type ObservedNetwork,
  type ObservedPort,
} from '../../core/guard/observation.ts'
import type { Links } from '../../core/node/link.ts'
import type { Address, Ipv6 } from '../../core/values/address.ts'
import { assertNever } from '../../core/values/brand.ts'

/** The guard's table as it was listed, and as our own changes have made it since. */
export class RememberedGuard {
  #table: GuardTable
  readonly #ports: Map<string, ObservedPort>
  readonly #networks: Map<NetworkId, ObservedNetwork>
  #linkLocals: ReadonlySet<Ipv6>
  readonly #drops: Map<string, GuardTable['drops'] extends ReadonlyMap<string, infer D> ? D : never>
  /** The links that chains were made for: what becomes of a chain whose link goes depends on the kernel. */
  readonly #ifindexes: Map<string, number | undefined>

  constructor(table: GuardTable, links: Links) {
    this.#table = table
    this.#ports = new Map(table.ports)
    this.#networks = new Map(table.networks)
    this.#linkLocals = table.linkLocals
    this.#drops = new Map(table.drops)
    this.#ifindexes = new Map([...table.ports.keys()].map(link => [link, links.get(link)?.ifindex]))
  }

  /** The table as it must be now. A port whose link is another one, or gone, has to be made anew or released; both work whether its chain is there or not. */
  asOf(links: Links): GuardTable {
    const ports = new Map(
      [...this.#ports].map(([link, port]) => {
        const ifindex = links.get(link)?.ifindex
        return [
          link,
          ifindex === this.#ifindexes.get(link) ? port : { hasChain: true, quick: [], entries: port.entries },
        ]
      }),
    )
    return {
      ...this.#table,
      ports,
      networks: this.#networks,
      linkLocals: this.#linkLocals,
      drops: this.#drops,
    }
  }

  /** Takes changes as made. */
  apply(changes: readonly GuardChange[], links: Links): void {
    for (const change of changes) this.#applyOne(change, links)
  }

  #applyOne(change: GuardChange, links: Links): void {
    switch (change.kind) {
      case 'guard-create':
        this.#clear({ ...NO_GUARD, exists: true, intact: true, mode: change.mode })
        break
      case 'guard-mode':
        this.#table = { ...this.#table, mode: change.mode }
        break
      case 'guard-network': {
        const { network, make, add, remove } = change
        const held = make ? new Set<Address>() : this.#networks.get(network)?.held
        this.#networks.set(network, { intact: true, held: changed(held, add, remove) })
        break
      }
      case 'guard-link-locals':
        this.#linkLocals = changed(this.#linkLocals, change.add, change.remove)
        break
      case 'guard-port': {
        const { link, label, quick, add, remove, forget } = change
        const entries = changed<Entry>(this.#ports.get(link)?.entries, add, remove)
        this.#ports.set(link, { label, hasChain: true, quick, entries })
        this.#ifindexes.set(link, links.get(link)?.ifindex)
        if (forget.length > 0) this.#drops.delete(link)
        break
      }
      case 'guard-release':
        this.#ports.delete(change.link)
        this.#drops.delete(change.link)
        break
      case 'guard-network-remove':
        this.#networks.delete(change.network)
        break
      case 'guard-remove':
        this.#clear(NO_GUARD)
        break
      default:
        assertNever(change)
    }
  }

  #clear(table: GuardTable): void {
    this.#table = table
    this.#ports.clear()
    this.#networks.clear()
    this.#linkLocals = table.linkLocals
    this.#drops.clear()
  }
}

function changed<T>(there: ReadonlySet<T> | undefined, add: readonly T[], remove: readonly T[]): Set<T> {
  const next = new Set(there)
  for (const item of remove) next.delete(item)
  for (const item of add) next.add(item)
  return next
}
