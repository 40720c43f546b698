import { WORLD } from '../../lab/router.ts'
import { type AnnouncedGuest, BRIDGE } from '../announced.ts'
import { type AnnouncingWorld, announcing, hooked } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { BURST, nanosecondsEach } from '../frames.ts'
import { rounded } from '../statistics.ts'

/** Packets to guests cross the node, which has to look up the way of each. */
export const forward: Benchmark<AnnouncingWorld> = {
  name: 'forward',
  measures: 'forwarding a packet to one of the announced guests, against a node with a plain route',
  unit: '× the time',
  bar: 1.3,
  guestnet: world => measure(world, use => announcing(world, use)),
  predecessor: world => measure(world, use => hooked(world, use)),
}

/** Among all guests, evenly: where rules are searched one by one, the last costs most. */
const TARGETS = 20
const BURSTS = 300
/** Of nobody: the node drops what is sent to it before it looks for a way. */
const NOBODY = '02:00:00:00:00:ff'

/** Nanoseconds a packet, sending included. */
interface Cost {
  readonly forwarded: number
  readonly dropped: number
}

type During = (use: () => Promise<Cost>) => Promise<Cost>

async function measure(world: AnnouncingWorld, during: During): Promise<Measurement> {
  const { guests } = world
  const targets = guests.filter((_, index) => index % Math.ceil(guests.length / TARGETS) === 0)
  await learn(world, targets)
  const plain = await withPlainRoute(world, targets, () => costOf(world, targets))
  const announced = await during(() => costOf(world, targets))
  return {
    value: announced.forwarded / plain.forwarded,
    notes: [
      `${guests.length} guests: ${rounded(announced.forwarded)} ns a packet from its sender to the guest's port; plain route: ${rounded(plain.forwarded)} ns`,
      `a packet for nobody, which the node drops at once: ${rounded(announced.dropped)} and ${rounded(plain.dropped)} ns; without that share ${rounded((announced.forwarded - announced.dropped) / (plain.forwarded - plain.dropped))}×`,
    ],
  }
}

/** Nanoseconds to forward a packet; the shortest of some rounds, since other work on the machine only adds. */
async function costOf({ first, router }: AnnouncingWorld, targets: readonly AnnouncedGuest[]): Promise<Cost> {
  const [uplink] = await first.ipJson<{ address: string }>('link', 'show', 'up0')
  const frames = (toMac: string) => targets.map(({ ipv4 }) => ({ toMac, from: WORLD.ipv4, to: ipv4 }))
  const send = (toMac: string) => nanosecondsEach(router, 'node1', { frames: frames(toMac), bursts: BURSTS })
  const before = await receivedBy(first, targets)
  const forwarded = await send(uplink?.address ?? '')
  const received = (await receivedBy(first, targets)) - before
  if (received < BURSTS * BURST * 0.9) throw new Error(`only ${received} packets were forwarded`)
  return { forwarded, dropped: await send(NOBODY) }
}

/** A bare port never says whose it is, so the bridge is told. */
async function learn({ first }: AnnouncingWorld, targets: readonly AnnouncedGuest[]): Promise<void> {
  const lines = targets.map(({ mac, port }) => `fdb replace ${mac} dev ${port} master static\n`)
  await first.run('bridge', ['-batch', '-'], { input: lines.join('') })
}

async function withPlainRoute(
  { first }: AnnouncingWorld,
  targets: readonly AnnouncedGuest[],
  use: () => Promise<Cost>,
): Promise<Cost> {
  const neighbours = targets.map(({ ipv4, mac }) => ({ entry: `${ipv4} dev ${BRIDGE}`, mac }))
  const route = `198.18.0.0/16 dev ${BRIDGE}`
  await first.ip([
    `route add ${route}`,
    ...neighbours.map(({ entry, mac }) => `neighbour add ${entry} lladdr ${mac} nud permanent`),
  ])
  const cost = await use()
  await first.ip([`route del ${route}`, ...neighbours.map(({ entry }) => `neighbour del ${entry}`)])
  return cost
}

interface Statistics {
  readonly stats64: { readonly tx: { readonly packets: number } }
}

/** Packets that went out of the targets' ports so far. */
async function receivedBy(
  node: AnnouncingWorld['first'],
  targets: readonly AnnouncedGuest[],
): Promise<number> {
  let packets = 0
  for (const { port } of targets) {
    const [link] = await node.ipJson<Statistics>('-s', 'link', 'show', 'dev', port)
    packets += link?.stats64.tx.packets ?? 0
  }
  return packets
}
