import { guestnet, startAgent } from '../lab/agent.ts'
import { eventually } from '../lab/eventually.ts'
import { Lab } from '../lab/lab.ts'
import { addNamespaces, deleteNamespaces, Namespace } from '../lab/namespace.ts'
import type { LabNode } from '../lab/node.ts'
import type { LabProcess } from '../lab/process.ts'
import { LabRouter } from '../lab/router.ts'
import { RouteWatch } from '../lab/routeWatch.ts'
import { settle } from '../lab/settle.ts'
import type { Tree } from '../lab/tree.ts'
import { monotonicMs } from '../lab/wire.ts'
import type { AnnouncingReport } from '../src/core/report/announcing.ts'
import type { Family } from '../src/core/values/family.ts'
import { type AnnouncedGuest, announcedGuests, BRIDGE, configOf, POLICY, withEdited } from './announced.ts'
import { notesFor } from './behind.ts'
import { PortWatch } from './portWatch.ts'
import { HookAnnouncer } from './predecessor/announcer.ts'
import { untilSettled } from './settled.ts'
import type { World } from './world.ts'

/** Two nodes and a router with an IPv6-only link to each; the guests run on the first node. */
export interface AnnouncingWorld {
  readonly lab: Lab
  readonly tree: Tree
  readonly first: LabNode
  readonly second: LabNode
  readonly router: LabRouter
  /** The router's kernel. */
  readonly routes: RouteWatch
  /** The ports of the first node. */
  readonly ports: PortWatch
  readonly guests: readonly AnnouncedGuest[]
  /** Prefixes behind the guests, in all. */
  readonly behind: number
  /** How many migrations are measured. */
  readonly migrations: number
}

export interface AnnouncingWorldOptions {
  readonly guests: number
  /** What the first node announces in all: what is more than two for each guest is behind those that are not measured. */
  readonly addresses?: number
  /** Guests of the whole cluster; the others are a third node's, on which nothing runs. */
  readonly cluster?: number
  readonly migrations: number
  /** Ports without guests behind them, which is enough to be announced: many are made in no time. */
  readonly bare?: boolean
}

export async function createAnnouncingWorld(options: AnnouncingWorldOptions): Promise<AnnouncingWorld> {
  const { migrations, bare = false, cluster = 0, addresses = 2 * options.guests } = options
  const lab = await Lab.create({ prefix: 'bench' })
  lab.onExit()
  try {
    const others = cluster > options.guests ? ['pve3'] : []
    const tree = lab.createTree({ nodes: ['pve1', 'pve2', ...others] })
    tree.policy(POLICY)
    const router = await LabRouter.create(lab)
    const [first, second] = [await addNode(lab, tree, 'pve1'), await addNode(lab, tree, 'pve2')]
    for (const node of [first, second]) await router.connect(node)
    const guests = announcedGuests(options.guests)
    const notes = notesFor(guests.length, addresses)
    for (const [index, guest] of guests.entries())
      tree.write('pve1', 'qemu', guest.vmid, `${notes[index]}${configOf(guest)}`)
    for (const guest of announcedGuests(cluster).slice(guests.length))
      tree.write('pve3', 'qemu', guest.vmid, configOf(guest))
    if (bare) await addBarePorts(first, guests)
    else await first.startAll(guests.map(({ vmid }) => vmid))
    const routes = await RouteWatch.start(router)
    const ports = await PortWatch.start(first)
    await router.start()
    const behind = addresses - 2 * guests.length
    return { lab, tree, first, second, router, routes, ports, guests, behind, migrations }
  } catch (error) {
    await lab.close()
    throw error
  }
}

export async function addNode(lab: Lab, tree: Tree, name: string): Promise<LabNode> {
  const node = await lab.addNode(name, tree)
  await node.addBridge(BRIDGE)
  return node
}

/** Makes ports whose other ends are all in one namespace; without IPv6, as Proxmox VE does. Returns that when they carry frames. */
export async function addBarePorts(
  node: LabNode,
  guests: readonly { readonly port: string; readonly bridge?: string }[],
): Promise<Namespace> {
  const netns = `${node.netns}-crowd`
  node.lab.own(`namespace ${netns}`, () => deleteNamespaces([netns]))
  await addNamespaces([netns])
  const crowd = new Namespace(node.lab, netns)
  const ports = guests.map(({ port }) => port)
  const newLinksHaveIpv6 = (where: Namespace, isSo: boolean) =>
    where.run('sysctl', ['-qw', `net.ipv6.conf.default.disable_ipv6=${isSo ? 0 : 1}`])
  await newLinksHaveIpv6(crowd, false)
  await newLinksHaveIpv6(node, false)
  await node.ip(ports.map(port => `link add ${port} type veth peer name ${port} netns ${netns}`))
  await newLinksHaveIpv6(node, true)
  await node.ip(guests.map(({ port, bridge = BRIDGE }) => `link set ${port} master ${bridge} up`))
  await crowd.ip(ports.map(port => `link set ${port} up`))
  await settle(node, ports)
  return crowd
}

/** Where the router finds each node. */
export const FIRST = LabRouter.addressOf(1)
export const SECOND = LabRouter.addressOf(2)

export function addressesOf(guests: readonly AnnouncedGuest[]): string[] {
  return guests.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
}

/**
 * Runs an agent on each node. `use` begins when every guest is announced, `tookMs` after the first node's agent was
 * started; afterwards nothing of theirs is left.
 */
export async function announcing<T>(
  world: AnnouncingWorld,
  use: (firstAgent: LabProcess, tookMs: number) => Promise<T>,
): Promise<T> {
  const { first, second } = world
  const agents: LabProcess[] = []
  try {
    // One after the other: each node has a CPU of its own, and this machine has not.
    agents.push(await startSettled(second))
    const begun = monotonicMs()
    const firstAgent = start(first)
    agents.push(firstAgent)
    if (world.behind > 0) {
      await allKnown(world, 500)
      await untilSettled(first)
      await world.routes.look()
    }
    await world.routes.leadTo(addressesOf(world.guests), FIRST, { timeoutMs: 60_000 })
    const tookMs = monotonicMs() - begun
    return await use(firstAgent, tookMs)
  } finally {
    await Promise.all(agents.map(agent => agent.stop(15_000)))
    for (const node of [first, second]) await guestnet(node, 'teardown')
    await isForgotten(world)
  }
}

/** On another node a rename makes no sound; in the one folder that the lab's nodes share it would. */
function start(node: LabNode): LabProcess {
  return startAgent(node, { args: ['--watch', 'poll'] })
}

/** The agent of a node without guests, once it has nothing left to do. */
async function startSettled(node: LabNode): Promise<LabProcess> {
  const agent = start(node)
  await eventually(
    `the agent of ${node.name} is settled`,
    async () => {
      const { agent: isAgent, announcing: told } = JSON.parse((await guestnet(node, 'status')).stdout) as {
        agent: boolean
        announcing?: AnnouncingReport
      }
      return isAgent && told?.peers.every(({ isUp }) => isUp) === true
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
  return agent
}

/** The same with the predecessor's hooks, which are run for every guest that is there. */
export async function hooked<T>(
  world: AnnouncingWorld,
  use: (hooks: HookAnnouncer) => Promise<T>,
): Promise<T> {
  const hooks = new HookAnnouncer(world.first)
  const bird = hooks.startBird()
  try {
    await hooks.started(world.guests)
    await world.routes.leadTo(addressesOf(world.guests), FIRST, { timeoutMs: 60_000 })
    return await use(hooks)
  } finally {
    await hooks.stopped(world.guests)
    await bird.stop()
    await isForgotten(world)
  }
}

/** Waits until the router knows every address and every prefix behind guests. */
export async function allKnown({ router, guests, behind }: AnnouncingWorld, everyMs: number): Promise<void> {
  await eventually(
    'the router knows all prefixes',
    async () => (await knownTo(router)) >= 2 * guests.length + behind,
    { timeoutMs: 120_000, everyMs },
  )
}

/** Waits until the router has forgotten every guest. */
export async function isForgotten({ router, routes }: AnnouncingWorld): Promise<void> {
  await eventually('the router has forgotten every guest', async () => (await knownTo(router)) === 0, {
    timeoutMs: 30_000,
    everyMs: 200,
  })
  await routes.look()
}

/** How many destinations the router's kernel has from BGP. */
async function knownTo(router: LabRouter): Promise<number> {
  const lists = ['-4', '-6'].map(family => router.run('ip', [family, 'route', 'show', 'proto', 'bird']))
  return (await Promise.all(lists))
    .join('\n')
    .split('\n')
    .filter(line => line !== '').length
}

/** Gives a guest another address, or its own again, as an administrator does; returns the one it has then. */
export function editAnnounced(tree: Tree, guest: AnnouncedGuest, family: Family = 'ipv4'): string {
  let address = ''
  tree.edit(guest.vmid, before => {
    const edited = withEdited(before, guest, family)
    address = edited.address
    return edited.text
  })
  return address
}

/** The first node, as one whose guests lease their addresses. */
export function asServed({ lab, tree, first, guests }: AnnouncingWorld): World {
  const vmids = guests.map(({ vmid }) => vmid)
  const byVmid = new Map(guests.map(guest => [guest.vmid, guest]))
  const editAddress = (vmid: number, family?: Family) => {
    const guest = byVmid.get(vmid)
    if (!guest) throw new Error(`guest ${vmid} is not there`)
    return editAnnounced(tree, guest, family)
  }
  return { lab, tree, node: first, configured: vmids, running: vmids, churnMinutes: 30, editAddress }
}
