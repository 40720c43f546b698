import type { LabNode } from '../../lab/node.ts'
import { WORLD } from '../../lab/router.ts'
import { type AnnouncedGuest, BRIDGE, TABLE } from '../announced.ts'
import { type AnnouncingWorld, addBarePorts, addNode, announcing, hooked } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { sendInTurns } from '../frames.ts'
import { percentile, rounded } from '../statistics.ts'

/** Packets to guests cross the node, which has to look up the way of each. */
export const forward: Benchmark<AnnouncingWorld> = {
  name: 'forward',
  measures: 'forwarding a packet to one of the announced guests, against a node with one plain route',
  unit: '× the time',
  bar: 1.3,
  guestnet: world => announcing(world, () => measure(world)),
  predecessor: world => hooked(world, () => measure(world)),
}

/** Among all guests, evenly: where rules are searched one by one, the last costs most. */
const TARGETS = 20
const ROUNDS = 200
const TURN = 500
/** Of the turns, the fastest tenth: whatever else the machine does only adds. */
const SHARE = 0.1
/** Of nobody: the node drops what is sent to it before it looks for a way. */
const NOBODY = '02:00:00:00:00:ff'
/** As few as one needs to ask another table first, which finds nothing. */
const RULES = [
  `rule add lookup ${TABLE} suppress_prefixlength 0`,
  `rule add iif ${BRIDGE} lookup ${TABLE + 1}`,
]

/** The node with the guests, one with a plain route, one with that and rules, and packets for nobody: they take turns. */
async function measure(world: AnnouncingWorld): Promise<Measurement> {
  const { guests, first, router } = world
  const targets = guests.filter((_, index) => index % Math.ceil(guests.length / TARGETS) === 0)
  await learn(first, targets)
  const plain = await addNodeWithout(world, targets, 'plain')
  const empty = await addNodeWithout(world, targets, 'empty')
  await empty.node.ip(RULES)
  const frames = (toMac: string) => targets.map(({ ipv4 }) => ({ toMac, from: WORLD.ipv4, to: ipv4 }))
  const streams = [
    { link: 'node1', frames: frames(await uplinkOf(first)) },
    { link: plain.link, frames: frames(await uplinkOf(plain.node)) },
    { link: empty.link, frames: frames(await uplinkOf(empty.node)) },
    { link: plain.link, frames: frames(NOBODY) },
  ]
  const nodes = [first, plain.node, empty.node]
  const forwarded = () => Promise.all(nodes.map(node => deliveredBy(node, targets)))
  const before = await forwarded()
  const turns = await sendInTurns(router, { streams, rounds: ROUNDS, turn: TURN })
  const arrived = (await forwarded()).map((count, node) => (count - (before[node] ?? 0)) / (ROUNDS * TURN))
  if (Math.min(...arrived) < 0.99)
    throw new Error(`of the packets, only ${arrived.join(' and ')} were forwarded`)
  const [announced = 0, plainly = 0, ruled = 0, dropped = 0] = turns.map(turn => percentile(turn, SHARE))
  return {
    value: announced / plainly,
    notes: [
      `${guests.length} guests, ${ROUNDS} turns of ${TURN} packets, p10: ${rounded(announced)} ns from the sender to the guest's port, by a plain route ${rounded(plainly)} ns`,
      `sending and dropping a packet takes ${rounded(dropped)} ns; without that share ${rounded((announced - dropped) / (plainly - dropped))}×`,
      `on a node with two rules and no guests it takes ${rounded(ruled)} ns, ${rounded(announced / ruled)}×`,
    ],
  }
}

/** A node that announces nobody, whose way to the same targets is a single route. */
async function addNodeWithout(
  { lab, tree, router }: AnnouncingWorld,
  targets: readonly AnnouncedGuest[],
  name: string,
): Promise<{ node: LabNode; link: string }> {
  const node = await addNode(lab, tree, name)
  const link = await router.connect(node)
  await addBarePorts(node, targets)
  await learn(node, targets)
  await node.ip([
    `route add 198.18.0.0/16 dev ${BRIDGE}`,
    ...targets.map(({ ipv4, mac }) => `neighbour add ${ipv4} dev ${BRIDGE} lladdr ${mac} nud permanent`),
  ])
  return { node, link }
}

/** A bare port never says whose it is, so the bridge is told. */
async function learn(node: LabNode, targets: readonly AnnouncedGuest[]): Promise<void> {
  const lines = targets.map(({ mac, port }) => `fdb replace ${mac} dev ${port} master static\n`)
  await node.run('bridge', ['-batch', '-'], { input: lines.join('') })
}

async function uplinkOf(node: LabNode): Promise<string> {
  const [uplink] = await node.ipJson<{ address: string }>('link', 'show', 'up0')
  if (uplink === undefined) throw new Error(`${node.name} has no uplink`)
  return uplink.address
}

interface Statistics {
  readonly stats64: { readonly tx: { readonly packets: number } }
}

/** Packets that went out of the targets' ports so far. */
async function deliveredBy(node: LabNode, targets: readonly AnnouncedGuest[]): Promise<number> {
  let packets = 0
  for (const { port } of targets) {
    const [link] = await node.ipJson<Statistics>('-s', 'link', 'show', 'dev', port)
    packets += link?.stats64.tx.packets ?? 0
  }
  return packets
}
