import { addNamespaces, deleteNamespaces, Namespace } from './namespace.ts'
import type { LabNode } from './node.ts'
import { settle } from './settle.ts'
import type { Site } from './site.ts'

/** A switch that nodes are cabled to, and a place for hosts that are not guests: a router, another DHCP service. */
export class Lan extends Namespace {
  /** The switch, a bridge inside the LAN's namespace. */
  readonly link = 'lan0'
  #cables = 0

  static async create(lab: Site, name: string): Promise<Lan> {
    const netns = `${lab.id}-${name}`
    lab.own(`namespace ${netns}`, () => deleteNamespaces([netns]))
    await addNamespaces([netns])
    const lan = new Lan(lab, netns)
    await lan.ip([
      'link set lo up',
      `link add ${lan.link} type bridge forward_delay 0`,
      `link set ${lan.link} up`,
    ])
    return lan
  }

  /** Cables a bridge of a node to the switch: the node's end is a port named as a network card is, `eno1`. */
  async connect(node: LabNode, bridge: string, card = 'eno1'): Promise<void> {
    const socket = `port${this.#cables++}`
    await node.ip([
      `link add ${card} type veth peer name ${socket} netns ${this.netns}`,
      `link set ${card} mtu ${node.cabling.bridge(bridge).mtu} master ${bridge} up`,
    ])
    await this.ip([`link set ${socket} master ${this.link} up`])
    await settle(node, [card])
    await settle(this, [socket])
  }
}
