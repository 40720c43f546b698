import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from '../../lab/capture.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import { attempt } from '../../lab/process.ts'
import { reportOf, runAgent, served, vm, type World } from './world.ts'

/** Proxmox's own kernel has VLAN filtering in bridges; `npm run test:debian13` runs this on one that has. */
async function hasVlanFiltering(): Promise<boolean> {
  const trial = 'ip link add trial type bridge vlan_filtering 1'
  return (await attempt(['unshare', '--net', 'sh', '-c', trial])).exitCode === 0
}

const isPossible = await hasVlanFiltering()

describe.skipIf(!isPossible)(
  'on a VLAN-aware bridge (skipped where the kernel has no VLAN filtering)',
  () => {
    let world: World

    beforeAll(async () => {
      const lab = await Lab.create({ prefix: 'vlan' })
      const tree = lab.createTree({ nodes: ['pve1'] })
      const node = await lab.addNode('pve1', tree)
      await node.addBridge('vmbr0', { vlanAware: true })
      const lan = await lab.addLan()
      await lan.connect(node, 'vmbr0')
      await node.run('bridge', ['vlan', 'add', 'dev', 'eno1', 'vid', '2-4094'])
      world = { lab, tree, node, lan }
      tree.write('pve1', 'qemu', 100, vm(100, { ip: '10.0.0.5/24', gw: '10.0.0.1', net: ',tag=5' }))
      tree.write(
        'pve1',
        'qemu',
        101,
        vm(101, { ip: '10.0.0.5/24', gw: '10.0.0.1', net: ',tag=6,firewall=1' }),
      )
      tree.write('pve1', 'qemu', 102, vm(102, { ip: '192.0.2.102/24', gw: '192.0.2.1' }))
      tree.write('pve1', 'qemu', 103, vm(103, { net: ',tag=5' }))
      await node.startAll([100, 101, 102, 103])
      await runAgent(world)
      await served(world, 100, 101, 102)
    })
    afterAll(() => world?.lab.close())

    /** How many messages were taken at a guest's port so far. */
    async function requestsOf(guest: number): Promise<number> {
      const { nics } = await reportOf(world)
      const { requests = 0 } = nics.find(({ vmid }) => vmid === guest) ?? {}
      return requests
    }

    test.each([
      [100, '10.0.0.5', 'tagged'],
      [101, '10.0.0.5', 'tagged and firewalled, with the same address as another one'],
      [102, '192.0.2.102', 'untagged'],
    ])('guest %i is told %s: %s', async (vmid, address) => {
      const lease = await withRawClient(world.node.guest(vmid).port(), client => client.exchange())
      expect(lease?.address).toBe(address)
    })

    test('what is not served leaves in its VLAN; what is served never does', async () => {
      const capture = await Capture.start(world.lan, world.lan.link, 'port 67 or (vlan and port 67)')
      await withRawClient(world.node.guest(100).port(), client => client.exchange())
      await withRawClient(world.node.guest(103).port(), client => client.discover({ timeoutMs: 300 }))
      await eventually('the stranger is seen in VLAN 5', () =>
        capture.frames().some(frame => frame.includes('vlan 5')),
      )
      const frames = await capture.stop()
      expect(frames.filter(frame => !frame.includes('52:54:00:00:00:67'))).toEqual([])
    })

    test('DHCP in a VLAN of the guest’s own passes untouched', async () => {
      const before = await requestsOf(102)
      expect(before).toBeGreaterThan(0)
      const capture = await Capture.start(world.node, 'tap102i0', 'vlan and port 67')
      await withRawClient(world.node.guest(102).port(), async client => {
        expect(await client.discover({ frame: { vlan: 7 }, timeoutMs: 700, everyMs: 100 })).toBeUndefined()
      })
      await eventually('the port sees it', () => capture.frames().length > 0)
      await capture.stop()
      expect(await requestsOf(102)).toBe(before)
    })

    test('Kea runs under the profile that Debian ships, where AppArmor is on', async () => {
      const enabled = await attempt(['cat', '/sys/module/apparmor/parameters/enabled'])
      const { servers } = await reportOf(world, report =>
        report.servers.every(({ pid }) => pid !== undefined),
      )
      expect(servers).toHaveLength(2)
      for (const { pid } of servers) {
        const confinement = readFileSync(`/proc/${pid}/attr/current`, 'utf8').replaceAll('\0', '').trim()
        if (enabled.stdout === 'Y') expect(confinement).toBe('kea-dhcp4 (enforce)')
      }
    })
  },
)
