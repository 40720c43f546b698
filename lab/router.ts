import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import { addNamespaces, deleteNamespaces, Namespace } from './namespace.ts'
import type { LabNode } from './node.ts'
import { memberAddress } from './pmxcfs.ts'
import type { LabProcess } from './process.ts'
import { settle } from './settle.ts'
import type { Site } from './site.ts'

/** The AS of the router, and the one all nodes share. */
export const ROUTER_AS = 65_000
export const NODE_AS = 4_220_000_001

/** Where the router is for its nodes: there is no IPv4 between them. */
export const ROUTER_ADDRESS = '2001:db8:ffff::1'

/** Addresses of the world behind the router: where pings come from. */
export const WORLD = { ipv4: '198.51.100.1', ipv6: '2001:db8:b::1' } as const

/** A route as `ip -j route` prints it. */
export interface RouterRoute {
  readonly dst: string
  readonly gateway?: string
  readonly via?: { readonly host: string }
}

/** A top-of-rack router with a BIRD of its own: an IPv6-only link to each node, and the world behind it. */
export class LabRouter extends Namespace {
  readonly #socket: string
  #bird: LabProcess | undefined
  #nodes = 0

  private constructor(lab: Site, netns: string) {
    super(lab, netns)
    this.#socket = join(lab.folder('router'), 'bird.ctl')
  }

  static async create(lab: Site): Promise<LabRouter> {
    const netns = `${lab.id}-router`
    lab.own(`namespace ${netns}`, () => deleteNamespaces([netns]))
    await addNamespaces([netns])
    const router = new LabRouter(lab, netns)
    lab.places.push(router)
    await router.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
    await router.ip([
      'link set lo up',
      `addr add ${WORLD.ipv4}/32 dev lo`,
      `addr add ${WORLD.ipv6}/128 dev lo`,
      'link add fabric type bridge forward_delay 0',
      'link set fabric up',
      `addr add ${ROUTER_ADDRESS}/64 dev fabric nodad`,
    ])
    return router
  }

  /** The address a node has on the router's link, by the order in which they were connected. */
  static addressOf(number: number): string {
    return memberAddress(number)
  }

  /** Cables a node to the router; its end is called `up0`. The name of the router's end. */
  async connect(node: LabNode): Promise<string> {
    const socket = `node${++this.#nodes}`
    await node.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
    await node.ip([
      `link add up0 type veth peer name ${socket} netns ${this.netns}`,
      `addr add ${LabRouter.addressOf(this.#nodes)}/64 dev up0 nodad`,
      'link set up0 up',
    ])
    await this.ip([`link set ${socket} master fabric up`])
    await settle(node, ['up0'])
    await settle(this, [socket])
    return socket
  }

  /** Starts BGP with every node connected so far, which takes everything into the kernel and offers default routes. */
  async start(): Promise<void> {
    const peers = Array.from({ length: this.#nodes }, (_, index) => peerConfig(index + 1))
    const file = join(this.lab.folder('router'), 'bird.conf')
    writeFileSync(file, `${CONFIG}${peers.join('\n')}\n`)
    this.#bird = this.spawn('router-bird', 'bird', ['-f', '-c', file, '-s', this.#socket])
    await eventually('the router’s BIRD answers', () => this.birdc('show', 'status'))
  }

  birdc(...command: string[]): Promise<string> {
    return this.run('birdc', ['-s', this.#socket, ...command])
  }

  /** Where the router's kernel sends a guest's traffic: the next hop's address; `undefined` without a host route. */
  async nextHop(address: string): Promise<string | undefined> {
    const isIpv6 = address.includes(':')
    const routes = await this.ipJson<RouterRoute>(isIpv6 ? '-6' : '-4', 'route', 'show', address)
    return routes[0]?.gateway ?? routes[0]?.via?.host
  }

  /** Routes' worth of BGP updates from a node so far, announced and withdrawn. */
  async updates(number: number): Promise<number> {
    const text = await this.birdc('show', 'protocols', 'all', `node${number}`)
    const counts = [...text.matchAll(/Import (?:updates|withdraws): +([0-9]+)/g)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0)
  }

  /** Answers to pings from the world behind the router. */
  async ping(address: string, count = 1): Promise<number> {
    const source = address.includes(':') ? WORLD.ipv6 : WORLD.ipv4
    const { stdout } = await this.attempt('ping', [
      '-c',
      String(count),
      '-W',
      '1',
      '-i',
      '0.1',
      '-I',
      source,
      address,
    ])
    return Number(/(\d+) (?:packets )?received/.exec(stdout)?.[1] ?? 0)
  }

  override async dump(): Promise<string> {
    const { stdout, stderr } = await this.attempt('birdc', ['-s', this.#socket, 'show', 'protocols', 'all'])
    return `${await super.dump()}\n--- ${this.netns}: BIRD\n${stdout}${stderr}`
  }

  get isRunning(): boolean {
    return this.#bird?.running === true
  }
}

const CONFIG = `log stderr all;
router id 100.90.100.2;
protocol device { scan time 1; }
protocol static default4 { ipv4; route 0.0.0.0/0 blackhole; }
protocol static default6 { ipv6; route ::/0 blackhole; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
protocol direct { interface "fabric"; ipv6; }
protocol bfd { interface "*" { interval 300 ms; multiplier 3; }; }
`

function peerConfig(number: number): string {
  return `protocol bgp node${number} {
  local as ${ROUTER_AS}; neighbor ${LabRouter.addressOf(number)} as ${NODE_AS}; bfd on;
  graceful restart on; error wait time 1, 2; connect delay time 1;
  ipv4 { extended next hop; next hop self; import all; export where source = RTS_STATIC; };
  ipv6 { next hop self; import all; export where source = RTS_STATIC; };
}`
}
