import { join } from 'node:path'
import { startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import { addNamespaces, deleteNamespaces, Namespace } from '../../lab/namespace.ts'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import { settle } from '../../lab/settle.ts'
import type { Tree } from '../../lab/tree.ts'
import { fileIn } from './birdWorld.ts'
import { addressOf } from './fabric.ts'
import { Frr } from './frr.ts'
import { vm } from './world.ts'

const AS = { nodes: 4_220_000_001, leaf1: 65_101, leaf2: 65_102, spine: 65_100 } as const

/** Both ends of each cable: the second of a name is what the first calls its link. */
const CABLES = [
  { net: '2001:db8:1:', from: 'leaf1', link: 'node1', to: 'pve1', end: 'up1' },
  { net: '2001:db8:2:', from: 'leaf2', link: 'node1', to: 'pve1', end: 'up2' },
  { net: '2001:db8:3:', from: 'leaf2', link: 'node2', to: 'pve2', end: 'up2' },
  { net: '2001:db8:4:', from: 'spine', link: 'leaf1', to: 'leaf1', end: 'spine' },
  { net: '2001:db8:5:', from: 'spine', link: 'leaf2', to: 'leaf2', end: 'spine' },
] as const

/** Both nodes have the second rack's switch as a peer, each by a link of its own; only one is cabled to the first's, too. */
export const LEAF_SPINE_POLICY = `announce:
  table: 100
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24, "2001:db8:a::/48"]
      gateway: {ipv4: 172.31.1.1, ipv6: "fe80::1", mac: "da:f0:f1:08:55:c4"}
bgp:
  as: ${AS.nodes}
  peers:
    - {name: leaf1, address: "2001:db8:1::1", as: ${AS.leaf1}, nodes: [pve1]}
    - {name: leaf2, address: "2001:db8:2::1", as: ${AS.leaf2}, nodes: [pve1]}
    - {name: rack2, address: "2001:db8:3::1", as: ${AS.leaf2}, nodes: [pve2]}
  export:
    - {vmids: [100], peers: [leaf2], prepend: 1} # so the spine goes by leaf1 first
    - {vmids: [101], communities: ["65000:100"]}
    - {vmids: [101], peers: [leaf1], prepend: 2}
    - {bridge: vmbr0, vmids: [102-199], onlyTo: [leaf2, rack2]}
`

/**
 * Two racks and the world behind them. Routers of other ASes at every hop, IPv6 between them:
 *
 *     pve1 ── leaf1 (FRR) ── spine (FRR): 198.51.100.1, 2001:db8:b::1
 *        └─── leaf2 (BIRD) ────┘
 *     pve2 ─────┘
 */
export class LeafSpine {
  readonly lab: Lab
  readonly tree: Tree
  readonly nodes: Readonly<Record<'pve1' | 'pve2', LabNode>>
  readonly agents: Readonly<Record<'pve1' | 'pve2', LabProcess>>
  readonly leaf1: { place: Namespace; frr: Frr }
  readonly leaf2: { place: Namespace; birdc: (...command: string[]) => Promise<string>; config: string }
  readonly spine: { place: Namespace; frr: Frr }

  private constructor(
    parts: Pick<LeafSpine, 'lab' | 'tree' | 'nodes' | 'agents' | 'leaf1' | 'leaf2' | 'spine'>,
  ) {
    const { lab, tree, nodes, agents, leaf1, leaf2, spine } = parts
    this.lab = lab
    this.tree = tree
    this.nodes = nodes
    this.agents = agents
    this.leaf1 = leaf1
    this.leaf2 = leaf2
    this.spine = spine
  }

  static async create(): Promise<LeafSpine> {
    const lab = await Lab.create({ prefix: 'leaf' })
    try {
      const tree = lab.createTree({ nodes: ['pve1', 'pve2'] })
      tree.policy(LEAF_SPINE_POLICY)
      const nodes = { pve1: await lab.addNode('pve1', tree), pve2: await lab.addNode('pve2', tree) }
      for (const node of Object.values(nodes)) await node.addBridge('vmbr0')
      const [leaf1, leaf2, spine] = await Promise.all(
        ['leaf1', 'leaf2', 'spine'].map(name => addRouter(lab, name)),
      )
      if (!leaf1 || !leaf2 || !spine) throw new Error('a router is missing')
      await cable({ ...nodes, leaf1, leaf2, spine })
      await spine.ip(['addr add 198.51.100.1/32 dev lo', 'addr add 2001:db8:b::1/128 dev lo'])
      const routers = {
        spine: {
          place: spine,
          frr: await Frr.start(spine, frrConfig('spine', ['2001:db8:4::2', '2001:db8:5::2'])),
        },
        leaf1: {
          place: leaf1,
          frr: await Frr.start(leaf1, frrConfig('leaf1', ['2001:db8:1::2', '2001:db8:4::1'])),
        },
        leaf2: startBird(lab, leaf2),
      }
      const agents = { pve1: startAgent(nodes.pve1, AGENT), pve2: startAgent(nodes.pve2, AGENT) }
      return new LeafSpine({ lab, tree, nodes, agents, ...routers })
    } catch (error) {
      await lab.close()
      throw error
    }
  }

  write(name: 'pve1' | 'pve2', vmid: number): void {
    const { ip, ip6 } = addressOf(vmid)
    this.tree.write(name, 'qemu', vmid, vm(vmid, { ip, gw: `172.31.1.1,ip6=${ip6},gw6=fe80::1` }))
  }

  /** Makes a guest's port and configures it inside as cloud-init would. */
  async start(name: 'pve1' | 'pve2', vmid: number): Promise<void> {
    const { ip, ip6 } = addressOf(vmid)
    const running = await this.nodes[name].start(vmid)
    await running.ip([
      `addr add ${ip} dev eth0`,
      'route add 172.31.1.1 dev eth0',
      'route add default via 172.31.1.1',
      `addr add ${ip6} dev eth0 nodad`,
      'route add default via fe80::1 dev eth0',
    ])
  }

  /** Waits until a router's kernel sends both addresses of a guest by a link. */
  async leads({ place }: { place: Namespace }, vmid: number, link: string): Promise<void> {
    for (const cidr of Object.values(addressOf(vmid))) {
      const address = cidr.replace(/\/.*/, '')
      await eventually(
        `${place.netns} sends ${address} by ${link}`,
        async () =>
          (await linkTo(place, address)) === link || Promise.reject(new Error(await linkTo(place, address))),
        { timeoutMs: 30_000, dump: () => this.#dump() },
      )
    }
  }

  async pings(vmid: number): Promise<void> {
    for (const [source, cidr] of Object.entries(addressOf(vmid)).map(([key, to]) => [
      WORLD[key as 'ip'],
      to,
    ])) {
      const ping = ['-c', '1', '-W', '1', '-I', source ?? '', (cidr ?? '').replace(/\/.*/, '')]
      await eventually(
        `${cidr} pings`,
        async () => (await this.spine.place.attempt('ping', ping)).exitCode === 0,
        { dump: () => this.#dump() },
      )
    }
  }

  async #dump(): Promise<string> {
    return [
      await this.leaf1.frr.show('show bgp ipv4 unicast'),
      await this.spine.frr.show('show bgp ipv4 unicast'),
      await this.leaf2.birdc('show', 'route', 'all'),
      await this.lab.dump(),
    ].join('\n')
  }
}

const WORLD = { ip: '198.51.100.1', ip6: '2001:db8:b::1' }

/** Another node's rename raises no inotify event. */
const AGENT = { args: ['--watch', 'poll'] }

async function addRouter(lab: Lab, name: string): Promise<Namespace> {
  const netns = `${lab.id}-${name}`
  lab.own(`namespace ${netns}`, () => deleteNamespaces([netns]))
  await addNamespaces([netns])
  const place = new Namespace(lab, netns)
  lab.places.push(place)
  await place.ip(['link set lo up'])
  return place
}

async function cable(places: Readonly<Record<string, Namespace>>): Promise<void> {
  for (const place of Object.values(places))
    await place.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'])
  for (const { net, from, link, to, end } of CABLES) {
    const [one, other] = [places[from], places[to]]
    if (!one || !other) throw new Error(`no ${from} or ${to}`)
    await one.ip([
      `link add ${link} type veth peer name ${end} netns ${other.netns}`,
      `addr add ${net}:1/64 dev ${link} nodad`,
      `link set ${link} up`,
    ])
    await other.ip([`addr add ${net}:2/64 dev ${end} nodad`, `link set ${end} up`])
    await settle(one, [link])
    await settle(other, [end])
  }
}

function frrConfig(name: 'leaf1' | 'spine', neighbours: readonly string[]): string {
  const each = (line: (neighbour: string) => string) => neighbours.map(line).join('\n')
  // The leaf passes on what the spine tells, as the other one does: both ways out are equally long.
  const origin = (neighbour: string) =>
    name === 'spine' ? `\n  neighbor ${neighbour} default-originate` : ''
  const families = ['ipv4', 'ipv6'].map(
    family => ` address-family ${family} unicast
${each(neighbour => `  neighbor ${neighbour} activate${origin(neighbour)}`)}
 exit-address-family`,
  )
  return `router bgp ${AS[name]}
 bgp router-id 100.90.100.${name === 'spine' ? 1 : 2}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
${each(neighbour => ` neighbor ${neighbour} remote-as external\n neighbor ${neighbour} capability extended-nexthop\n neighbor ${neighbour} advertisement-interval 0\n neighbor ${neighbour} timers connect 1`)}
${families.join('\n')}
exit
`
}

function startBird(lab: Lab, place: Namespace): LeafSpine['leaf2'] {
  const socket = join(lab.folder('leaf2'), 'bird.ctl')
  const session = (name: string, neighbour: string, as: number) => `protocol bgp ${name} {
  local as ${AS.leaf2}; neighbor ${neighbour} as ${as}; connect delay time 1; error wait time 1, 2;
  ipv4 { extended next hop; next hop self; import all; export where source = RTS_BGP || source = RTS_STATIC; };
  ipv6 { next hop self; import all; export where source = RTS_BGP || source = RTS_STATIC; };
}
`
  const config = fileIn(
    lab,
    'leaf2',
    'bird.conf',
    `log stderr all;
router id 100.90.100.3;
protocol device { }
protocol direct { ipv6; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
${session('spine', '2001:db8:5::1', AS.spine)}${session('node1', '2001:db8:2::2', AS.nodes)}${session('node2', '2001:db8:3::2', AS.nodes)}`,
  )
  place.spawn('bird', 'bird', ['-f', '-c', config, '-s', socket])
  return { place, config, birdc: (...command) => place.run('birdc', ['-s', socket, ...command]) }
}

async function linkTo(place: Namespace, address: string): Promise<string | undefined> {
  const family = address.includes(':') ? '-6' : '-4'
  const [route] = await place.ipJson<{ dev?: string }>(family, 'route', 'show', address)
  return route?.dev
}
