import { guestnet, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Report } from '../../src/core/report/report.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { type Stream, sendInTurns } from '../frames.ts'
import type { BareGuest, GuardWorld, Network } from '../guardWorld.ts'
import { percentile, rounded } from '../statistics.ts'

/** What guests send crosses the bridge to another guest, and each frame is looked at on the way. */
export const guard: Benchmark<GuardWorld> = {
  name: 'guard',
  measures: 'a frame from one guest to another, all ports guarded, against ports that are not',
  unit: '× the time',
  bar: 1.1,
  guestnet: measure,
}

/** Pairs of guests of each network that take turns. */
const PAIRS = 4
const ROUNDS = 150
const TURN = 500
/** Of the turns, the fastest tenth: whatever else the machine does only adds. */
const SHARE = 0.1

async function measure(world: GuardWorld): Promise<Measurement> {
  const { node, tree, guests } = world
  guardOnly(world, ['vmbr1'])
  const agent = startAgent(node)
  try {
    const few = await guardedPorts(world, count(guests, 'vmbr1'))
    const ofFew = await compare(world, 'vmbr1')
    guardOnly(world, ['vmbr1', 'vmbr2'])
    const many = await guardedPorts(world, guests.length - count(guests, 'vmbr0'))
    const ofMany = await compare(world, 'vmbr2')
    return {
      value: ofMany.guarded / ofMany.bare,
      notes: [
        `${many} ports guarded, ${ROUNDS} turns of ${TURN} frames, p10: ${rounded(ofMany.guarded)} ns from the sender to the other guest's link, from ports that are not ${rounded(ofMany.bare)} ns`,
        `${few} ports guarded: ${rounded(ofFew.guarded)} against ${rounded(ofFew.bare)} ns, ${rounded(ofFew.guarded / ofFew.bare)}×`,
      ],
    }
  } finally {
    await agent.stop(15_000)
    await guestnet(node, 'teardown')
    tree.policy('')
  }
}

function guardOnly({ tree }: GuardWorld, networks: readonly Network[]): void {
  tree.policy(`guard: {mode: on, only: [${networks.map(bridge => `{bridge: ${bridge}}`).join(', ')}]}\n`)
}

const count = (guests: readonly BareGuest[], network: Network) =>
  guests.filter(({ bridge }) => bridge === network).length

/** Waits until so many ports are guarded, and all are served. */
async function guardedPorts({ node, guests, lab }: GuardWorld, expected: number): Promise<number> {
  return await eventually(
    `${expected} ports are guarded`,
    async () => {
      const { stdout } = await guestnet(node, 'status')
      const { guard: told, nics } = JSON.parse(stdout) as Report
      const guarded = told?.ports.filter(({ state }) => state === 'guarded').length ?? 0
      const served = nics.filter(({ state }) => state === 'served').length
      return guarded === expected && served >= guests.length
        ? guarded
        : Promise.reject(new Error(`${guarded} guarded, ${served} served`))
    },
    { timeoutMs: 120_000, everyMs: 500, dump: () => lab.dump() },
  )
}

/** Nanoseconds of a frame from guests of a network, and from those of the one that is never guarded. */
async function compare(world: GuardWorld, network: Network): Promise<{ guarded: number; bare: number }> {
  const { crowd, node } = world
  const [guarded, bare] = [pairsOf(world, network), pairsOf(world, 'vmbr0')]
  const receivers = [...guarded, ...bare].map(({ to }) => to)
  const before = await received(world, receivers)
  const streams = [...guarded, ...bare].map(({ stream }) => stream)
  const turns = await sendInTurns(crowd, { streams, rounds: ROUNDS, turn: TURN })
  const arrived = ((await received(world, receivers)) - before) / (ROUNDS * TURN * streams.length)
  if (arrived < 0.99) throw new Error(`only ${arrived} of the frames crossed ${node.name}`)
  const mean = (of: readonly number[][]) =>
    of.reduce((total, turn) => total + percentile(turn, SHARE), 0) / of.length
  return { guarded: mean(turns.slice(0, PAIRS)), bare: mean(turns.slice(PAIRS)) }
}

interface Pair {
  readonly stream: Stream
  readonly to: BareGuest
}

/** Of a network, some that send and some that are sent to, evenly among all. */
function pairsOf({ guests }: GuardWorld, network: Network): Pair[] {
  const there = guests.filter(({ bridge }) => bridge === network)
  const step = Math.floor(there.length / PAIRS)
  return Array.from({ length: PAIRS }, (_, index) => {
    const [from, to] = there.slice(index * step)
    if (!from || !to) throw new Error(`too few guests on ${network}`)
    const frame = { toMac: to.mac, fromMac: from.mac, from: from.ipv4, to: to.ipv4 }
    return { to, stream: { link: from.port, frames: [frame] } }
  })
}

interface Statistics {
  readonly stats64: { readonly tx: { readonly packets: number } }
}

async function received({ node }: GuardWorld, guests: readonly BareGuest[]): Promise<number> {
  let packets = 0
  for (const { port } of guests) {
    const [link] = await node.ipJson<Statistics>('-s', 'link', 'show', 'dev', port)
    packets += link?.stats64.tx.packets ?? 0
  }
  return packets
}
