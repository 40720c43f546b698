import type { Nic } from '../src/core/guest/guest.ts'
import type { Namespace } from './namespace.ts'
import { type Bridge, bridgeLine, bridgeOf, removalLines, type Wiring } from './wiring.ts'

export interface BridgeOptions {
  readonly mtu?: number
  /** Needs a kernel with VLAN filtering. */
  readonly vlanAware?: boolean
}

/** The bridges of a node, and the links that hang on them. */
export class Cabling {
  readonly #node: Namespace
  readonly #bridges = new Map<string, Bridge>()
  /** Link groups made so far; what else the node has is in group 0. */
  #lastGroup = 1_002_003

  constructor(node: Namespace) {
    this.#node = node
  }

  async addBridge(name: string, { mtu = 1500, vlanAware = false }: BridgeOptions = {}): Promise<void> {
    await this.#create({ name, mtu, vlanAware })
  }

  bridge(name: string): Bridge {
    const bridge = this.#bridges.get(name)
    if (bridge === undefined) throw new Error(`${this.#node.netns} has no bridge ${name}`)
    return bridge
  }

  /** The bridge that a NIC's configuration names; that of its VLAN is there too when this returns. */
  async bridgeFor(nic: Nic): Promise<Bridge | undefined> {
    if (nic.bridge === undefined) return undefined
    const bridge = this.bridge(nic.bridge)
    await this.#create(bridgeOf(bridge, nic.tag))
    return bridge
  }

  /** Makes links and joins them, for any number of NICs at once. */
  async wire(wirings: readonly Wiring[]): Promise<void> {
    await this.#node.ip(wirings.flatMap(({ create }) => create))
    await this.#disableIpv6(wirings.flatMap(({ withoutIpv6 }) => withoutIpv6))
    await this.#node.ip(wirings.flatMap(({ up }) => up))
    const vlan = wirings.flatMap(wiring => wiring.vlan)
    if (vlan.length > 0) await this.#node.run('bridge', ['-batch', '-'], { input: `${vlan.join('\n')}\n` })
  }

  async unwire(wirings: readonly Wiring[]): Promise<void> {
    const links = wirings.flatMap(({ remove }) => remove)
    await this.#node.ip(removalLines(links, ++this.#lastGroup))
  }

  async #create(bridge: Bridge): Promise<void> {
    if (this.#bridges.has(bridge.name)) return
    this.#bridges.set(bridge.name, bridge)
    await this.#node.ip([bridgeLine(bridge), `link set ${bridge.name} up`])
  }

  /** Proxmox turns IPv6 off on a guest's host links, so that the node takes no part in the guest's network. */
  async #disableIpv6(links: readonly string[]): Promise<void> {
    const switches = links.map(link => `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`)
    if (switches.length > 0) await this.#node.run('tee', switches, { input: '1' })
  }
}
