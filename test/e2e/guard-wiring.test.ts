import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startAgent } from '../../lab/agent.ts'
import { attacks } from '../../lab/attacks.ts'
import { inVlan } from '../../lab/ether.ts'
import type { LabGuest } from '../../lab/guest.ts'
import { honest } from '../../lab/honest.ts'
import { type Frames, mapFrames } from '../../lab/neighbour.ts'
import type { LabNode } from '../../lab/node.ts'
import { addressesOf, GATEWAY, guard, guarded, heard, heardFromLan, neighbour, TAKEN } from './guardWorld.ts'
import { loadIptablesFirewall, loadNftFirewall, unloadFirewalls } from './proxmoxFirewalls.ts'
import { container, createWorld, runAgent, vm, type World } from './world.ts'

/** The guard is at the guest's own port: it makes no difference what the port is connected to, and how. */

let world: World
let second: LabNode

const PLAIN = 100
const FIREWALLED = 101
const CONTAINER = 102
const TRUNK = 103
const IN_VLAN = [104, 105] as const
const ON_VNET = [106, 107] as const
const ELSEWHERE = 108

beforeAll(async () => {
  world = await createWorld({ prefix: 'wiring', nodes: ['pve1', 'pve2'] })
  const { lab, tree, lan, node } = world
  second = await lab.addNode('pve2', tree)
  await second.addBridge('vmbr0')
  await lan.connect(second, 'vmbr0')
  await node.addBridge('vnet1')
  tree.policy('guard: {mode: on}\n')
  const lines = (vmid: number, net = '') => ({ ...addressesOf(vmid), net })
  tree.write('pve1', 'qemu', PLAIN, vm(PLAIN, lines(PLAIN)))
  tree.write('pve1', 'qemu', FIREWALLED, vm(FIREWALLED, lines(FIREWALLED, ',firewall=1')))
  tree.write('pve1', 'lxc', CONTAINER, container(CONTAINER, lines(CONTAINER)))
  tree.write('pve1', 'qemu', TRUNK, vm(TRUNK, lines(TRUNK, ',trunks=15;16')))
  for (const vmid of IN_VLAN) tree.write('pve1', 'qemu', vmid, vm(vmid, lines(vmid, ',tag=15')))
  for (const vmid of ON_VNET) {
    tree.write('pve1', 'qemu', vmid, vm(vmid, lines(vmid)).replace('bridge=vmbr0', 'bridge=vnet1'))
  }
  tree.write('pve2', 'qemu', ELSEWHERE, vm(ELSEWHERE, lines(ELSEWHERE)))
  await node.startAll([PLAIN, FIREWALLED, CONTAINER, TRUNK, ...IN_VLAN, ...ON_VNET])
  await second.startAll([ELSEWHERE])
  await runAgent(world)
  startAgent(second)
  await guarded(world, 'on')
  await guarded({ ...world, node: second }, 'on')
  await introduce()
})
afterAll(() => world?.lab.close())

/** Who is attacked has used what it made for itself, and a router has advertised itself. */
async function introduce(): Promise<void> {
  await heardFromLan(world, guest(PLAIN))
  for (const [victim, other] of [[PLAIN, FIREWALLED], IN_VLAN, ON_VNET] as const)
    await heard(world, guest(victim), guest(other), honest(neighbour(victim), GATEWAY))
}

function guest(vmid: number): LabGuest {
  return vmid === ELSEWHERE ? second.guest(vmid) : world.node.guest(vmid)
}

/** What passes of all that one guest can do to another, and which honest frame is missing. */
async function tried(attacker: number, victim: number, others: readonly string[] = TAKEN) {
  const frames = honest(neighbour(attacker), GATEWAY)
  const attacking = attacks(neighbour(attacker), neighbour(victim), GATEWAY)
  const passed = await heard(world, guest(attacker), guest(victim), attacking)
  const came = await heard(world, guest(attacker), guest(victim), frames)
  return {
    passed,
    missing: Object.keys(frames).filter(name => !came.includes(name) && !others.includes(name)),
  }
}

const NOTHING = { passed: [], missing: [] }

describe('no attack passes, and nothing honest is missing,', () => {
  test.each<[string, number, number]>([
    ['of a guest behind a firewall bridge', FIREWALLED, PLAIN],
    ['of a container', CONTAINER, PLAIN],
    ['of a guest with a trunk, where it does not tag', TRUNK, PLAIN],
    ['of a guest in a VLAN with a bridge of its own', IN_VLAN[1], IN_VLAN[0]],
    ['of a guest on a vnet', ON_VNET[1], ON_VNET[0]],
    ['of a guest on another node', ELSEWHERE, PLAIN],
  ])('%s', async (_, attacker, victim) => {
    expect(await tried(attacker, victim)).toEqual(NOTHING)
  })
})

describe('of a trunk', () => {
  const from = (vmid: number, tag: number, frames: Frames) =>
    heard(
      world,
      guest(vmid),
      guest(PLAIN),
      mapFrames(frames, frame => inVlan(frame, tag)),
    )
  const { 'its own packet with a priority': _twiceTagged, ...frames } = honest(neighbour(TRUNK), GATEWAY)

  test('what it may tag passes, and nothing in the name of who is in that VLAN', async () => {
    expect(await from(TRUNK, 15, frames)).toEqual(Object.keys(frames))
    const attacking = attacks(neighbour(TRUNK), neighbour(IN_VLAN[0]), GATEWAY)
    // Nobody has written down what it has there.
    expect(await from(TRUNK, 15, attacking)).toEqual(['ipv4: from elsewhere', 'ipv6: from elsewhere'])
  })

  test('nothing that it may not', async () => {
    expect(await from(TRUNK, 17, frames)).toEqual([])
    expect(await from(FIREWALLED, 15, honest(neighbour(FIREWALLED), GATEWAY))).toEqual([])
  })
})

/** What passes beside a firewall that is loaded, without the guard and with it. */
async function besideFirewall(attacker: number, victim: number) {
  await guard(world, 'off')
  const without = await tried(attacker, victim, [])
  await guard(world, 'on')
  await introduce()
  return { without, withIt: await tried(attacker, victim, []) }
}

describe('beside Proxmox’s firewall, what is honest passes as by that alone, and no attack does:', () => {
  afterEach(() => unloadFirewalls(world.node))

  test('iptables and ebtables, on a firewall bridge', async () => {
    await loadIptablesFirewall(world.node, FIREWALLED)
    const { without, withIt } = await besideFirewall(FIREWALLED, PLAIN)
    expect(without.passed).toContain('ra: plain')
    expect(withIt).toEqual({ passed: [], missing: without.missing })
  })

  test('nftables', async () => {
    await loadNftFirewall(world.node, FIREWALLED)
    const { without, withIt } = await besideFirewall(FIREWALLED, PLAIN)
    expect(without.passed).toContain('ipv4: from another')
    expect(withIt).toEqual({ passed: [], missing: without.missing })
  })
})
