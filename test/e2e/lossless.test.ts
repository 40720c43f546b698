import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawClient } from '../../lab/clients/raw.ts'
import { RawClient6 } from '../../lab/clients6/raw.ts'
import type { GuestPort } from '../../lab/guest.ts'
import { createWorld, reportOf, runAgent, served, vm, type World } from './world.ts'

const TALKERS = Array.from({ length: 12 }, (_, index) => 100 + index)
const EDITED = [200, 201, 202, 203, 204]
const EDITS = 25

let world: World

beforeAll(async () => {
  world = await createWorld({ prefix: 'loss' })
  for (const vmid of [...TALKERS, ...EDITED]) {
    world.tree.write(
      'pve1',
      'qemu',
      vmid,
      vm(vmid, {
        ip: `192.0.2.${vmid}/24`,
        gw: '192.0.2.1',
        ip6: `2001:db8::${vmid}/64`,
        net: ',firewall=1',
      }),
    )
  }
  await world.node.startAll(TALKERS)
  await runAgent(world)
  await served(world, ...TALKERS)
})
afterAll(() => world?.lab.close())

/** Milliseconds from one exchange of a guest's to its next: below what its port lets through. */
const PAUSE = 50

/** Bytes that the Keas which serve have to themselves: what Keas share depends on how many others run. */
async function keaMemory(): Promise<number> {
  const { servers } = await reportOf(world, report => report.servers.every(({ pid }) => pid !== undefined))
  const sizes = servers.map(
    ({ pid }) => /^Private_Dirty:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1],
  )
  return sizes.reduce((sum, kilobytes) => sum + Number(kilobytes) * 1024, 0)
}

/** Each message is sent once only: one that is lost is an exchange lost. */
const ONCE = { timeoutMs: 3000, everyMs: 60_000 }

/** A guest that leases; half of them do so by DHCPv6. */
async function talkerOf(port: GuestPort, index: number) {
  if (index % 2 === 0) {
    const client = await RawClient.open(port)
    return { exchange: () => client.exchange(ONCE), close: () => client.close() }
  }
  const client = await RawClient6.open(port)
  const duid = Buffer.from(`00030001${port.mac.replaceAll(':', '')}`, 'hex')
  return { exchange: () => client.lease({ duid }, ONCE), close: () => client.close() }
}

test('no exchange of either family is lost while other guests’ addresses of both are edited, and memory stays flat', async () => {
  const clients = await Promise.all(
    TALKERS.map((vmid, index) => talkerOf(world.node.guest(vmid).port(), index)),
  )
  const before = await keaMemory()
  let isEditing = true
  let exchanges = 0
  const lost: string[] = []
  const talk = async ({ exchange }: Awaited<ReturnType<typeof talkerOf>>) => {
    while (isEditing) {
      const lease = await exchange()
      exchanges++
      if (!lease) lost.push(new Date().toISOString())
      await pause(PAUSE)
    }
  }
  const talks = Promise.all(clients.map(talk))
  for (let edit = 1; edit <= EDITS; edit++) {
    const vmid = EDITED[edit % EDITED.length] ?? 200
    const wanted = [`10.0.0.${edit}/`, `2001:db8:e::${edit}/`]
    world.tree.edit(vmid, text =>
      text.replace(/ip=[0-9.]+\//, `ip=${wanted[0]}`).replace(/ip6=[0-9a-f:]+\//, `ip6=${wanted[1]}`),
    )
    await reportOf(world, ({ nics }) =>
      wanted.every(start => nics.some(({ offer }) => offer?.address.startsWith(start) === true)),
    )
  }
  isEditing = false
  await talks
  for (const client of clients) client.close()
  console.log(`${exchanges} exchanges over ${EDITS} edits, ${lost.length} lost`)
  expect(lost).toEqual([])
  expect(exchanges).toBeGreaterThan(500)
  const after = await keaMemory()
  console.log(`Keas had ${before} bytes to themselves before, and have ${after}`)
  expect(after / before).toBeLessThan(1.3)
  // Some edits find a Kea that was started beforehand, and some come too soon after another one.
  const timeline = readFileSync(`${world.node.stateDir}/timeline.ndjson`, 'utf8')
  expect(timeline).toContain('make spare Kea')
}, 180_000)
