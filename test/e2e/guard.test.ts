import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attacks } from '../../lab/attacks.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { honest } from '../../lab/honest.ts'
import { DROP_REASONS } from '../../src/core/guard/drop.ts'
import type { Report } from '../../src/core/report/report.ts'
import { addressesOf, GATEWAY, guard, heard, heardFromLan, neighbour, TAKEN } from './guardWorld.ts'
import { bridgesCall } from './proxmoxFirewalls.ts'
import { createWorld, reportOf, runAgent, vm, type World } from './world.ts'

let world: World
const VICTIM = 100
const ATTACKER = 101
const OPEN = 102

beforeAll(async () => {
  world = await createWorld({ prefix: 'guard' })
  for (const vmid of [VICTIM, ATTACKER]) world.tree.write('pve1', 'qemu', vmid, vm(vmid, addressesOf(vmid)))
  world.tree.write('pve1', 'qemu', OPEN, vm(OPEN))
  await world.node.startAll([VICTIM, ATTACKER, OPEN])
  // A bridge that calls iptables looks at packets itself, and drops what is none; without Proxmox's firewall none does.
  await bridgesCall(world.node, 0)
  await runAgent(world)
})
afterAll(() => world?.lab.close())

const guest = (vmid: number) => world.node.guest(vmid)
const dropsOf = ({ guard: told }: Report, vmid: number) =>
  told?.ports.find(port => port.vmid === vmid)?.drops ?? []

const ATTACKS = attacks(neighbour(ATTACKER), neighbour(VICTIM), GATEWAY)
const HONEST = honest(neighbour(ATTACKER), GATEWAY)
/** What no bridge carries, guarded or not. */
const STOPPED_ANYWAY = ['mac: multicast']

describe('without the guard', () => {
  test('every attack reaches its victim', async () => {
    await guard(world, 'off')
    const all = Object.keys(ATTACKS).filter(name => !STOPPED_ANYWAY.includes(name))
    expect(await heard(world, guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual(all)
  })
})

describe('with the guard', () => {
  beforeAll(async () => {
    await guard(world, 'on')
    // What the victim made for itself it has used before.
    await heard(world, guest(VICTIM), guest(ATTACKER), honest(neighbour(VICTIM), GATEWAY))
  })

  test('what comes of the LAN passes: a router that advertises itself, and who answers DHCP', async () => {
    expect(await heardFromLan(world, guest(VICTIM))).toEqual(['a router advertisement', 'an answer of DHCP'])
  })

  test('no attack does', async () => {
    expect(await heard(world, guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual([])
  })

  test('what is the guest’s own passes', async () => {
    const passed = await heard(world, guest(ATTACKER), guest(VICTIM), HONEST)
    expect(Object.keys(HONEST).filter(name => !passed.includes(name) && !TAKEN.includes(name))).toEqual([])
    const lease = await withRawClient(guest(ATTACKER).port(), client => client.exchange())
    expect(lease?.address).toBe('192.0.2.101')
  })

  test('what was dropped is counted, with what it was, and its first is told', async () => {
    const report = await reportOf(world, told => dropsOf(told, ATTACKER).length > 0)
    const reasons = dropsOf(report, ATTACKER).map(({ reason }) => reason)
    expect(new Set(reasons)).toEqual(new Set(DROP_REASONS))
    expect(dropsOf(report, ATTACKER)).toContainEqual(
      expect.objectContaining({ reason: 'arp', sample: '192.0.2.100' }),
    )
    expect(dropsOf(report, VICTIM)).toEqual([])
    await eventually(
      'an event',
      async () => {
        const { stdout } = await world.node.attempt('cat', [`${world.node.stateDir}/timeline.ndjson`])
        return stdout.includes('dropped what is not its own of VM 101 net0: ARP in the name of 192.0.2.100')
      },
      { timeoutMs: 15_000, dump: () => world.lab.dump() },
    )
  })

  test('a guest whose addresses nobody knows has any but those of others', async () => {
    const open = neighbour(OPEN)
    const passed = await heard(world, guest(OPEN), guest(VICTIM), attacks(open, neighbour(VICTIM), GATEWAY))
    expect(passed).toEqual(['ipv4: from elsewhere', 'ipv6: from elsewhere'])
    expect(await heard(world, guest(OPEN), guest(VICTIM), honest(open, GATEWAY))).toEqual(Object.keys(HONEST))
  })
})

describe('a port that has just appeared', () => {
  test('is guarded before DHCP answers there', async () => {
    const port = guest(ATTACKER).port()
    for (let round = 0; round < 5; round++) {
      await world.node.unplug(ATTACKER, 0)
      await world.node.hotplug(ATTACKER, 0)
      await withRawClient(port, async client => {
        expect((await client.exchange({ timeoutMs: 15_000, everyMs: 2 }))?.address).toBe('192.0.2.101')
      })
      expect(await heard(world, guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual([])
    }
  })
})

describe('reporting', () => {
  test('drops nothing, and counts what would be', async () => {
    await guard(world, 'off')
    await guard(world, 'report')
    const all = Object.keys(ATTACKS).filter(name => !STOPPED_ANYWAY.includes(name))
    expect(await heard(world, guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual(all)
    const report = await reportOf(world, told => dropsOf(told, ATTACKER).length > 0)
    expect(dropsOf(report, ATTACKER).map(({ reason }) => reason)).toContain('ra')
  })
})

test('switched off, nothing of it is left', async () => {
  await guard(world, 'off')
  const tables = await world.node.run('nft', ['list', 'tables'])
  expect(tables).toContain(world.node.agentName)
  expect(tables).not.toContain('.guard')
})
