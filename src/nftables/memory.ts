import { type ElementKey, isLinkElement, type PortChain, type PortTable } from '../core/dhcp/observation.ts'
import type { ServerId } from '../core/dhcp/serverId.ts'
import { elementsOf, ruleLabel } from '../core/dhcp/service.ts'
import type { ChangeOf } from '../core/driver.ts'
import type { Links } from '../core/node/link.ts'
import { assertNever } from '../core/values/brand.ts'

type NftablesChange = ChangeOf<'ports' | 'solicitations'>

/** The table as it was listed, and as our own changes have made it since. */
export class RememberedTable {
  readonly #switches: Map<ServerId, string>
  readonly #open: Set<string>
  readonly #chains: Map<string, PortChain>
  readonly #routers: Map<string, number>
  readonly #elements: Map<ElementKey, string>
  #exists: boolean
  #solicitations: string | undefined
  /** All links that it speaks of; absent: not known yet. */
  #names: ReadonlySet<string> | undefined
  #asked: { readonly links: Links; readonly table: PortTable } | undefined
  /** The links that elements and chains were made for: an element keeps the ifindex, not the name. */
  readonly #ifindexes = new Map<string, number>()

  constructor({ exists, switches, open, solicitations, chains, routers, elements }: PortTable, links: Links) {
    this.#exists = exists
    this.#solicitations = solicitations
    this.#switches = new Map(switches)
    this.#open = new Set(open)
    this.#chains = new Map(chains)
    this.#routers = new Map(routers)
    this.#elements = new Map(elements)
    for (const name of this.#linkNames()) this.#ifindexes.set(name, links.get(name)?.ifindex ?? 0)
  }

  /**
   * The table as it must be now; `undefined` where a link it speaks of is another one, or Kea's is gone: what the kernel
   * then did with its chain depends on the kernel. A guest's link that is gone only has to be released, which works either
   * way.
   */
  asOf(links: Links): PortTable | undefined {
    // Nothing was changed since it was asked for by the same links.
    if (this.#asked?.links === links) return this.#asked.table
    const table = this.#tableAsOf(links)
    this.#asked = table && { links, table }
    return table
  }

  #tableAsOf(links: Links): PortTable | undefined {
    const gone = new Set<string>()
    for (const name of this.#linkNames()) {
      const ifindex = links.get(name)?.ifindex
      if (ifindex === this.#ifindexes.get(name)) continue
      if (ifindex !== undefined || !this.#chains.has(name)) return undefined
      gone.add(name)
    }
    return {
      exists: this.#exists,
      switches: this.#switches,
      open: this.#open,
      ...(this.#solicitations !== undefined && { solicitations: this.#solicitations }),
      chains: this.#chains,
      routers: this.#routers,
      elements: gone.size === 0 ? this.#elements : this.#elementsWithout(gone),
    }
  }

  /** As nftables shows it: what leads to a link that is gone has its number. */
  #elementsWithout(gone: ReadonlySet<string>): Map<ElementKey, string> {
    return new Map(
      [...this.#elements].map(([element, link]) => [
        element,
        gone.has(link) ? String(this.#ifindexes.get(link)) : link,
      ]),
    )
  }

  /** Takes changes as made. `links`: as they were looked at before. */
  apply(changes: readonly NftablesChange[], links: Links): void {
    this.#asked = undefined
    this.#names = undefined
    for (const change of changes) this.#applyOne(change, links)
  }

  /** A link that was made since the last look is not among them: then the next one lists. */
  #know(name: string, links: Links): void {
    const ifindex = links.get(name)?.ifindex
    if (ifindex !== undefined) this.#ifindexes.set(name, ifindex)
  }

  #applyOne(change: NftablesChange, links: Links): void {
    switch (change.kind) {
      case 'table-create':
        this.#exists = true
        break
      case 'slot-open':
        this.#open.add(change.link)
        this.#know(change.link, links)
        break
      case 'solicitations-open':
        // The link was made just now: the next look lists.
        this.#solicitations = change.link
        break
      case 'solicitations-close':
        this.#solicitations = undefined
        break
      case 'server-switch':
        this.#switches.set(change.server, change.link)
        this.#know(change.link, links)
        break
      case 'port-serve':
        this.#chains.set(
          change.port.link,
          change.port.services.map(service => ({ label: ruleLabel(service), packets: 0 })),
        )
        if (change.port.services.some(({ kind }) => kind === 'router')) this.#routers.set(change.port.link, 0)
        else this.#routers.delete(change.port.link)
        for (const [key, to] of change.port.services.flatMap(elementsOf)) this.#elements.set(key, to)
        this.#ifindexes.set(change.port.link, change.port.ifindex)
        break
      case 'port-release':
        this.#chains.delete(change.link)
        this.#routers.delete(change.link)
        break
      case 'element-remove':
        this.#elements.delete(change.element)
        break
      case 'switch-remove':
        this.#switches.delete(change.server)
        break
      default:
        assertNever(change)
    }
  }

  #linkNames(): ReadonlySet<string> {
    this.#names ??= new Set([
      ...this.#chains.keys(),
      ...[...this.#elements].flatMap(([key, to]) => (isLinkElement(key) ? [to] : [])),
      ...this.#switches.values(),
      ...this.#open,
      ...(this.#solicitations ? [this.#solicitations] : []),
    ])
    return this.#names
  }
}
