import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { floodsOf } from '../../lab/clients/floods.ts'
import { type RawClient, withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { flood } from '../../lab/flood.ts'
import type { LabProcess } from '../../lab/process.ts'
import { monotonicMs } from '../../lab/wire.ts'
import { createWorld, reportOf, runAgent, served, vm, type World } from './world.ts'

const FLOODER = 100
const OTHER = 101

/** Milliseconds of each kind of flood. */
const DURATION = 1200

/** What a port lets through: a burst, and so many a second. */
const ADMITTED = { burst: 100, rate: 50 }

let world: World
let agent: LabProcess

beforeAll(async () => {
  world = await createWorld({ prefix: 'flood' })
  for (const vmid of [FLOODER, OTHER])
    world.tree.write('pve1', 'qemu', vmid, vm(vmid, { ip: `192.0.2.${vmid}/24`, gw: '192.0.2.1' }))
  await world.node.startAll([FLOODER, OTHER])
  agent = await runAgent(world)
  await served(world, FLOODER, OTHER)
})
afterAll(() => world?.lab.close())

const portOf = (vmid: number) => world.node.guest(vmid).port()

/** Bytes that the agent holds. */
function agentMemory(): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1])
}

async function keaPid(): Promise<number> {
  const { servers } = await reportOf(world, report =>
    report.servers.some(({ pid, state }) => pid !== undefined && state === 'answering'),
  )
  return servers[0]?.pid ?? 0
}

/** Exchanges one after the other until `isOver`; milliseconds of each, with those that had no lease as `undefined`. */
async function exchanges(client: RawClient, isOver: () => boolean): Promise<(number | undefined)[]> {
  const each: (number | undefined)[] = []
  while (!isOver()) {
    const begun = monotonicMs()
    // A client that hears nothing asks again after a second at the earliest.
    const lease = await client.exchange({ timeoutMs: 10_000, everyMs: 1000 })
    each.push(lease ? monotonicMs() - begun : undefined)
    await pause(50)
  }
  return each
}

describe('beside a guest that sends as fast as it can', () => {
  const kinds = Object.keys(floodsOf({ mac: '52:54:00:00:00:64' } as never, '192.0.2.1', '192.0.2.1'))

  test.each(kinds)('%s: another is answered each time, and Kea hears no more than it is to', async kind => {
    const frames = floodsOf(portOf(FLOODER), `192.0.2.${FLOODER}`, '192.0.2.1')[kind] ?? []
    const countersBefore = await counters()
    await withRawClient(portOf(OTHER), async client => {
      let isOver = false
      const talk = exchanges(client, () => isOver)
      const flooded = await flood(portOf(FLOODER), frames, DURATION)
      isOver = true
      const each = await talk
      const times = each.map(ms => ms ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b)
      const { requests, dropped } = await counters()
      const admitted = requests - countersBefore.requests
      console.log(
        `${kind}: ${Math.round(flooded.frames / flooded.seconds)} frames/s, ${admitted} admitted, ${each.length} exchanges, median ${times[times.length >> 1]?.toFixed(1)} ms, longest ${times.at(-1)?.toFixed(1)} ms`,
      )
      expect(each).not.toContain(undefined)
      expect(each.length).toBeGreaterThan(2)
      expect(admitted).toBeLessThanOrEqual(ADMITTED.burst + ADMITTED.rate * (flooded.seconds + 2))
      expect(admitted + dropped - countersBefore.dropped).toBeGreaterThan(flooded.frames * 0.9)
    })
  })

  test('what it sent too fast is told by explain', async () => {
    const { nics } = await reportOf(world)
    expect(nics.find(({ vmid }) => vmid === FLOODER)?.dropped).toBeGreaterThan(1000)
    expect(nics.find(({ vmid }) => vmid === OTHER)?.dropped).toBeUndefined()
  })

  async function counters() {
    const { nics } = await reportOf(world)
    const { requests = 0, dropped = 0 } = nics.find(({ vmid }) => vmid === FLOODER) ?? {}
    return { requests, dropped }
  }
})

test('what is written of a guest that leases and releases all the time is read once, in flat memory, and tidied up', async () => {
  const frames = floodsOf(portOf(FLOODER), `192.0.2.${FLOODER}`, '192.0.2.1')['request and release'] ?? []
  const file = `/proc/${await keaPid()}/root/var/lib/kea/kea-leases4.csv`
  await flood(portOf(FLOODER), frames, 1000)
  const before = agentMemory()
  await flood(portOf(FLOODER), frames, 5000)
  expect(agentMemory() - before).toBeLessThan(40e6)
  expect(statSync(file).size).toBeLessThan(200_000)
})

test('a client that starts over ten times a second is answered each time', async () => {
  await withRawClient(portOf(OTHER), async client => {
    for (let time = 0; time < 50; time++) {
      expect(await client.exchange({ timeoutMs: 5000, everyMs: 60_000 })).toBeDefined()
      await pause(100)
    }
  })
})

test('a Kea that answers at its socket, but can write no lease, is replaced', async () => {
  const pid = await keaPid()
  try {
    writeFileSync(`/proc/${pid}/root/var/lib/full`, Buffer.alloc(80 * 1024 * 1024))
  } catch {
    // It is full now.
  }
  // The page of memory that its file ends in may still have room.
  const frames = floodsOf(portOf(FLOODER), `192.0.2.${FLOODER}`, '192.0.2.1')['request and release'] ?? []
  await flood(portOf(FLOODER), frames, 2000)
  await eventually('another Kea serves', async () => (await keaPid()) !== pid, {
    timeoutMs: 40_000,
    dump: () => world.lab.dump(),
  })
  await withRawClient(portOf(OTHER), async client => {
    expect(await client.exchange({ timeoutMs: 10_000 })).toMatchObject({ address: `192.0.2.${OTHER}` })
  })
})
