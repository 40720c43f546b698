import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attacks, type Frames, honest, type Neighbour } from '../../lab/attacks.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { arp, ETHERTYPE, ethernet, marked, markOf } from '../../lab/ether.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabGuest } from '../../lab/guest.ts'
import { Hearing } from '../../lab/hearing.ts'
import type { Report } from '../../src/core/report/report.ts'
import { linkLocalOf } from '../../src/core/values/linkLocal.ts'
import type { Mac } from '../../src/core/values/mac.ts'
import { createWorld, macOf, reportOf, runAgent, vm, type World } from './world.ts'

let world: World
const VICTIM = 100
const ATTACKER = 101
const OPEN = 102
const GATEWAY = { ipv4: '192.0.2.1', linkLocal: 'fe80::1' }

beforeAll(async () => {
  world = await createWorld({ prefix: 'guard' })
  for (const vmid of [VICTIM, ATTACKER]) {
    const ip = `192.0.2.${vmid}/24,gw=192.0.2.1,ip6=2001:db8:a::${vmid}/64,gw6=fe80::1`
    world.tree.write('pve1', 'qemu', vmid, vm(vmid, { ip }))
  }
  world.tree.write('pve1', 'qemu', OPEN, vm(OPEN))
  await world.node.startAll([VICTIM, ATTACKER, OPEN])
  await runAgent(world)
})
afterAll(() => world?.lab.close())

function neighbour(vmid: number): Neighbour {
  return {
    mac: macOf(vmid),
    ipv4: `192.0.2.${vmid}`,
    ipv6: `2001:db8:a::${vmid}`,
    linkLocal: linkLocalOf(macOf(vmid) as Mac),
    privateLinkLocal: `fe80::1234:5678:9abc:${vmid}`,
  }
}

/** Sets the policy, and waits until all ports are guarded accordingly. */
async function guard(mode: 'off' | 'report' | 'on'): Promise<Report> {
  world.tree.policy(mode === 'off' ? '' : `guard:\n  mode: ${mode}\n`)
  return await reportOf(world, ({ guard: told, nics }) => {
    const offered = nics.filter(({ offer }) => offer)
    const isServed = offered.length > 0 && offered.every(({ state }) => state === 'served')
    if (mode === 'off') return isServed && told === undefined
    return isServed && told?.mode === mode && told.ports.every(({ state }) => state === 'guarded')
  })
}

let sent = 0

/** Which of the frames of one guest another one hears. */
async function heard(from: LabGuest, to: LabGuest, frames: Frames): Promise<string[]> {
  const numbered = Object.entries(frames).map(([name, frame]) => ({ name, frame, number: ++sent }))
  const last = ++sent
  const hearing = await Hearing.start(to, 'eth0')
  const tap = await world.lab.wire().open(from.netns, 'eth0')
  for (const { frame, number } of numbered) tap.send(marked(frame, number))
  tap.send(marked(ending(from), last))
  await eventually('the last frame, which is honest, is heard', () => hearing.has(markOf(last)), {
    dump: () => world.lab.dump(),
  })
  tap.close()
  const names = numbered.flatMap(({ name, number }) => (hearing.has(markOf(number)) ? [name] : []))
  await hearing.stop()
  return names
}

function ending(from: LabGuest): Buffer {
  const { mac, ipv4 } = neighbour(from.config.vmid)
  return ethernet({ from: mac, type: ETHERTYPE.arp }, arp({ mac, address: ipv4, target: ipv4 }))
}

const guest = (vmid: number) => world.node.guest(vmid)
const dropsOf = ({ guard: told }: Report, vmid: number) =>
  told?.ports.find(port => port.vmid === vmid)?.drops ?? []

const ATTACKS = attacks(neighbour(ATTACKER), neighbour(VICTIM), GATEWAY)
const HONEST = honest(neighbour(ATTACKER), GATEWAY)
/** What guestnet itself answers, so that it never comes to the bridge. */
const TAKEN = ['a router solicitation without an address', 'a question by DHCPv6']
/** What no bridge carries, guarded or not. */
const STOPPED_ANYWAY = ['mac: multicast']

describe('without the guard', () => {
  test('every attack reaches its victim', async () => {
    await guard('off')
    const all = Object.keys(ATTACKS).filter(name => !STOPPED_ANYWAY.includes(name))
    expect(await heard(guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual(all)
  })
})

describe('with the guard', () => {
  beforeAll(async () => {
    await guard('on')
    // What the victim made for itself it has used before.
    await heard(guest(VICTIM), guest(ATTACKER), honest(neighbour(VICTIM), GATEWAY))
  })

  test('no attack does', async () => {
    expect(await heard(guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual([])
  })

  test('what is the guest’s own passes', async () => {
    const passed = await heard(guest(ATTACKER), guest(VICTIM), HONEST)
    expect(Object.keys(HONEST).filter(name => !passed.includes(name) && !TAKEN.includes(name))).toEqual([])
    const lease = await withRawClient(guest(ATTACKER).port(), client => client.exchange())
    expect(lease?.address).toBe('192.0.2.101')
  })

  test('what was dropped is counted, with what it was, and its first is told', async () => {
    const report = await reportOf(world, told => dropsOf(told, ATTACKER).length > 0)
    const reasons = dropsOf(report, ATTACKER).map(({ reason }) => reason)
    expect(new Set(reasons)).toEqual(
      new Set(['mac', 'tag', 'ethertype', 'arp', 'ipv4', 'ipv6', 'nd', 'ra', 'dhcp4', 'dhcp6']),
    )
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
    const passed = await heard(guest(OPEN), guest(VICTIM), attacks(open, neighbour(VICTIM), GATEWAY))
    expect(passed).toEqual(['ipv4: from elsewhere', 'ipv4: from nobody', 'ipv6: from elsewhere'])
    expect(await heard(guest(OPEN), guest(VICTIM), honest(open, GATEWAY))).toEqual(Object.keys(HONEST))
  })
})

describe('reporting', () => {
  test('drops nothing, and counts what would be', async () => {
    await guard('off')
    await guard('report')
    const all = Object.keys(ATTACKS).filter(name => !STOPPED_ANYWAY.includes(name))
    expect(await heard(guest(ATTACKER), guest(VICTIM), ATTACKS)).toEqual(all)
    const report = await reportOf(world, told => dropsOf(told, ATTACKER).length > 0)
    expect(dropsOf(report, ATTACKER).map(({ reason }) => reason)).toContain('ra')
  })
})

test('switched off, nothing of it is left', async () => {
  await guard('off')
  const tables = await world.node.run('nft', ['list', 'tables'])
  expect(tables).toContain(world.node.agentName)
  expect(tables).not.toContain('.guard')
})
