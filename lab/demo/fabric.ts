import { startAgent } from '../agent.ts'
import { announcingPolicy } from '../announcingPolicy.ts'
import type { Lab } from '../lab.ts'
import type { LabNode } from '../node.ts'
import { ProxmoxLogin } from '../proxmoxLogin.ts'
import { LabRouter } from '../router.ts'
import { RouteWatch } from '../routeWatch.ts'
import type { Tree } from '../tree.ts'
import { addressIn, ROUTED_BRIDGE, type Role } from './cast.ts'

/** What the policy gets so that guests are announced, and nodes can ask one another. */
export const ANNOUNCING = `${announcingPolicy({ bridge: ROUTED_BRIDGE })}http: {listen: "[::]:8068"}\n`

/** What is there before. */
interface Beginning {
  readonly lab: Lab
  readonly tree: Tree
  readonly node: LabNode
  /** The bundled command line. */
  readonly bundle: string
}

/** What is around the first node: a second one, and a router that both have an IPv6-only link to. */
export class Fabric {
  readonly second: LabNode
  readonly router: LabRouter
  /** The router's kernel. */
  readonly routes: RouteWatch

  private constructor(second: LabNode, router: LabRouter, routes: RouteWatch) {
    this.second = second
    this.router = router
    this.routes = routes
  }

  static async build({ lab, tree, node, bundle }: Beginning): Promise<Fabric> {
    await ProxmoxLogin.create(tree, ['pve1', 'pve2'])
    const router = await LabRouter.create(lab)
    const second = await lab.addNode('pve2', tree)
    for (const one of [node, second]) {
      await one.addBridge(ROUTED_BRIDGE)
      await router.connect(one)
    }
    await router.start()
    // Between real nodes a rename makes no sound, and in one folder of the lab it would.
    startAgent(second, { bundle, args: ['--watch', 'poll'] })
    return new Fabric(second, router, await RouteWatch.start(router))
  }

  /** Where the router finds a node. */
  nextHopOf(node: LabNode): string {
    return LabRouter.addressOf(node === this.second ? 2 : 1)
  }
}

/** What a guest has configured, as `ip -batch` lines: what its DHCP client took, and what cloud-init wrote for IPv6. */
export function memoryOf(role: Role): string[] {
  return [
    `addr add ${role.ip} dev eth0`,
    `route add ${role.gateway} dev eth0`,
    `route add default via ${role.gateway}`,
    ...ipv6Of(role),
  ]
}

/** IPv6, which comes from cloud-init. */
export function ipv6Of({ ip6, gateway6 }: Role): string[] {
  // An advertisement may have come first.
  return [`addr add ${ip6} dev eth0 nodad`, `route replace default via ${gateway6} dev eth0`]
}

/** A guest's addresses without their lengths, IPv4 first. */
export function addressesOf({ ip, ip6 = '' }: Role): string[] {
  return [ip, ip6].map(addressIn)
}
