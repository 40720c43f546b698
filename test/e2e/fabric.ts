import { guestnet, startAgent } from '../../lab/agent.ts'
import { announcingPolicy } from '../../lab/announcingPolicy.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import { LabRouter } from '../../lab/router.ts'
import type { Tree } from '../../lab/tree.ts'
import type { Report } from '../../src/core/report/report.ts'
import { container, vm } from './world.ts'

export const ANNOUNCING = announcingPolicy()

/** A node of the fabric, the agent that runs on it, and its place at the router. */
export interface Place {
  readonly node: LabNode
  readonly number: number
  /** The last that was started; absent: none was. */
  agent?: LabProcess
}

export interface FabricOptions {
  readonly nodes?: readonly string[]
  /** Whether the nodes have an agent from the start. */
  readonly agents?: boolean
}

export type AgentReport = Report & { readonly agent: boolean }

/** Another node's rename raises no inotify event, so the agents of a fabric poll. */
const AGENT = { args: ['--watch', 'poll'] }

/** Nodes behind a router, IPv6 only between them, and agents that announce to it. */
export class Fabric {
  readonly lab: Lab
  readonly tree: Tree
  readonly router: LabRouter
  readonly #places = new Map<string, Place>()

  private constructor(lab: Lab, tree: Tree, router: LabRouter) {
    this.lab = lab
    this.tree = tree
    this.router = router
  }

  static async create(
    prefix: string,
    { nodes = ['pve1', 'pve2'], agents = true }: FabricOptions = {},
  ): Promise<Fabric> {
    const lab = await Lab.create({ prefix })
    try {
      const tree = lab.createTree({ nodes })
      tree.policy(ANNOUNCING)
      const fabric = new Fabric(lab, tree, await LabRouter.create(lab))
      for (const name of nodes) await fabric.#add(name)
      await fabric.router.start()
      if (agents) for (const name of nodes) fabric.startAgent(name)
      return fabric
    } catch (error) {
      await lab.close()
      throw error
    }
  }

  async #add(name: string): Promise<void> {
    const node = await this.lab.addNode(name, this.tree)
    await node.addBridge('vmbr0')
    await this.router.connect(node)
    this.#places.set(name, { node, number: this.#places.size + 1 })
  }

  /** `environment`: what is in its environment besides, `NAME=value`. */
  startAgent(name: string, environment: readonly string[] = []): void {
    const place = this.at(name)
    place.agent = startAgent(place.node, { ...AGENT, environment })
  }

  /** Ends a node's agent as a crash would, or in order. */
  async endAgent(name: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const { agent } = this.at(name)
    agent?.signal(signal)
    await agent?.exited
  }

  at(name: string): Place {
    const place = this.#places.get(name)
    if (!place) throw new Error(`no node ${name}`)
    return place
  }

  /** Writes a VM with a /32 and a /128, as hosters have them. */
  write(name: string, vmid: number, more = ''): void {
    this.tree.write(name, 'qemu', vmid, vm(vmid, { ip: addressOf(vmid).ip, gw: gatewayOf(vmid), more }))
  }

  /** Writes a container with the same addresses. */
  writeContainer(name: string, vmid: number): void {
    this.tree.write(name, 'lxc', vmid, container(vmid, { ip: addressOf(vmid).ip, gw: gatewayOf(vmid) }))
  }

  /** Makes a guest's port and configures it inside as cloud-init would. */
  async start(name: string, vmid: number): Promise<void> {
    const running = await this.at(name).node.start(vmid)
    await running.ip([
      `addr add ${addressOf(vmid).ip} dev eth0`,
      'route add 172.31.1.1 dev eth0',
      'route add default via 172.31.1.1',
      `addr add ${addressOf(vmid).ip6} dev eth0 nodad`,
      // On a busy node it has one by an advertisement already.
      'route replace default via fe80::1 dev eth0',
    ])
  }

  /** A live migration as Proxmox does it: the target's port, the rename, then the source's port goes. */
  async migrate(vmid: number, from: string, to: string): Promise<void> {
    await this.start(to, vmid)
    this.tree.move(vmid, to)
    await this.leadsTo(vmid, to)
    await this.at(from).node.stop(vmid)
  }

  hop(name: string): string {
    return LabRouter.addressOf(this.at(name).number)
  }

  /** Waits until the router sends both addresses of a guest to a node, or to nobody. */
  async leadsTo(vmid: number, name: string | undefined): Promise<void> {
    for (const cidr of Object.values(addressOf(vmid))) await this.leadsOf(cidr.replace(/\/.*/, ''), name)
  }

  /** Waits until the router sends an address to a node, or to nobody. */
  async leadsOf(address: string, name: string | undefined): Promise<void> {
    const wanted = name === undefined ? undefined : this.hop(name)
    await eventually(
      `the router sends ${address} to ${name ?? 'nobody'}`,
      async () => (await this.router.nextHop(address)) === wanted,
      { timeoutMs: 30_000, dump: () => this.lab.dump() },
    )
  }

  /** Waits until a guest answers pings from the world behind the router. */
  async pings(vmid: number): Promise<void> {
    for (const cidr of Object.values(addressOf(vmid))) {
      const address = cidr.replace(/\/.*/, '')
      await eventually(`${address} pings`, async () => (await this.router.ping(address)) === 1, {
        dump: () => this.lab.dump(),
      })
    }
  }

  /** What `guestnet status` tells on a node, as soon as it satisfies `until`. */
  async report(name: string, until: (report: AgentReport) => boolean): Promise<AgentReport> {
    return await eventually(
      'a report as expected',
      async () => {
        const { stdout } = await guestnet(this.at(name).node, 'status')
        const report = JSON.parse(stdout) as AgentReport
        return until(report) ? report : Promise.reject(new Error(stdout))
      },
      { timeoutMs: 20_000, dump: () => this.lab.dump() },
    )
  }

  /** Kills a node's agent and starts another one. */
  async restartAgent(name: string): Promise<void> {
    await this.endAgent(name)
    this.startAgent(name)
    await this.report(name, ({ agent, announcing }) => agent && announcing !== undefined)
  }

  /** Waits until a node has nothing of a guest: routes, neighbours, ports. */
  async hasForgotten(name: string, vmid: number): Promise<void> {
    const { node } = this.at(name)
    const [address = '', address6 = ''] = Object.values(addressOf(vmid)).map(cidr => cidr.replace(/\/.*/, ''))
    const commands = [
      'ip route show table 100',
      'ip -6 route show table 100',
      'ip neigh show nud permanent',
      `nft list table netdev ${node.agentName}`,
    ].join('; ')
    await eventually(
      `nothing of ${vmid} is left on ${name}`,
      async () => {
        const { stdout } = await node.attempt('sh', ['-c', commands])
        const lines = stdout.split('\n').filter(line => mentions(line, [address, address6], vmid))
        return lines.length === 0 || Promise.reject(new Error(lines.join('\n')))
      },
      { dump: () => this.lab.dump() },
    )
  }
}

function mentions(line: string, addresses: readonly string[], vmid: number): boolean {
  const words = line.split(/[\s"/,]+/)
  return [...addresses, `tap${vmid}i0`, `veth${vmid}i0`].some(word => words.includes(word))
}

export function addressOf(vmid: number): { ip: string; ip6: string } {
  return { ip: `203.0.113.${vmid % 256}/32`, ip6: `2001:db8:a::${vmid}/128` }
}

function gatewayOf(vmid: number): string {
  return `172.31.1.1,ip6=${addressOf(vmid).ip6},gw6=fe80::1`
}
