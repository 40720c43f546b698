import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { withRawClient } from '../../lab/clients/raw.ts'
import { withRawClient6 } from '../../lab/clients6/raw.ts'
import type { LabProcess } from '../../lab/process.ts'
import { monotonicMs } from '../../lab/wire.ts'
import type { Family } from '../../src/core/values/family.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { clientOf, everyoneOffered } from '../offers.ts'
import { familyOf, memoryOf, programOf } from '../processes.ts'
import { agentWith, predecessor, type Service, serving } from '../service.ts'
import { rounded, sum } from '../statistics.ts'
import { createWorld, type World } from '../world.ts'

/** Guests lease while others are edited. */
export const loss: Benchmark<World> = {
  name: 'loss',
  measures: 'exchanges lost of 10,000 while 100 other guests are edited',
  unit: 'lost',
  bar: 0,
  guestnet: world => measure(agentWith(), world),
  predecessor: measurePredecessor,
}

/** The same of their IPv6 addresses. */
export const loss6: Benchmark<World> = {
  name: 'loss6',
  measures: 'DHCPv6 exchanges lost of 10,000 while 100 other guests’ ip6 is edited',
  unit: 'lost',
  bar: 0,
  guestnet: world => measure(agentWith(), world, { family: 'ipv6', lostBy: lostBy6 }),
}

/** Each sends less than a port lets through. */
const CLIENTS = 20
const EXCHANGES_EACH = 500
const EDITS = 100
const DURATION_MS = 40_000

/** Nobody asks twice, so what is lost stays lost; what comes within this is late but not lost. */
const ONCE = { everyMs: 60_000, timeoutMs: 2000 }

/** What guests lease, and what of others is edited. */
interface Plan {
  readonly family: Family
  readonly lostBy: (world: World, vmid: number) => Promise<number>
}

async function measure(
  service: Service,
  world: World,
  { family, lostBy }: Plan = { family: 'ipv4', lostBy: lostBy4 },
): Promise<Measurement> {
  return await serving(service, world, async process => {
    await everyoneOffered(world)
    const before = memoryNow(process)
    const keasBefore = keasStarted(process)
    const clients = world.running.slice(0, CLIENTS)
    const others = world.running.slice(CLIENTS)
    const [lost] = await Promise.all([
      Promise.all(clients.map(vmid => lostBy(world, vmid))),
      at(EDITS, DURATION_MS, edit => {
        world.editAddress(others[edit % others.length] ?? 0, family)
      }),
    ])
    await pause(3000)
    const started = keasStarted(process) - keasBefore
    return {
      value: sum(lost),
      notes: [
        `${CLIENTS * EXCHANGES_EACH} exchanges and ${EDITS} edits in ${DURATION_MS / 1000} s`,
        ...(started === 0 ? [] : [`${started} times a new Kea took over from the former one`]),
        `before: ${before}; after: ${memoryNow(process)}`,
      ],
    }
  })
}

/**
 * Behind firewall bridges each of its guests has a Kea alone, and an edit costs only the guest that is edited. Guests on
 * one bridge share a Kea, so that is where others can lose anything.
 */
async function measurePredecessor(): Promise<Measurement> {
  const world = await createWorld({ guests: 40, firewall: false })
  try {
    const { value, notes } = await measure(predecessor, world)
    return { value, notes: ['40 guests on one bridge that share a Kea', ...notes] }
  } finally {
    await world.lab.close()
  }
}

async function lostBy4({ node }: World, vmid: number): Promise<number> {
  return await withRawClient(node.guest(vmid).port(), client => countLost(() => client.exchange(ONCE)))
}

async function lostBy6({ node }: World, vmid: number): Promise<number> {
  const port = node.guest(vmid).port()
  return await withRawClient6(port, client => countLost(() => client.lease(clientOf(port), ONCE)))
}

async function countLost(exchange: () => Promise<unknown>): Promise<number> {
  let lost = 0
  await at(EXCHANGES_EACH, DURATION_MS, async () => {
    if ((await exchange()) === undefined) lost++
  })
  return lost
}

/** Does something so many times, evenly over a duration; where it takes longer, one after the other. */
async function at(times: number, durationMs: number, act: (time: number) => Promise<void> | void) {
  const begun = monotonicMs()
  for (let time = 0; time < times; time++) {
    await pause(Math.max(0, begun + (durationMs / times) * time - monotonicMs()))
    await act(time)
  }
}

/** As the agent's log tells; the predecessor keeps none. */
function keasStarted({ logFile }: LabProcess): number {
  return readFileSync(logFile, 'utf8').split('start Kea').length - 1
}

function memoryNow({ pid }: LabProcess): string {
  const parts = familyOf(pid).map(member => `${programOf(member)} ${rounded(memoryOf([member]).pss)} MB`)
  return parts.join(', ')
}
