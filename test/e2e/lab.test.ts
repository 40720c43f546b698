import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from '../../lab/capture.ts'
import { lease } from '../../lab/clients/client.ts'
import { dhclient } from '../../lab/clients/dhclient.ts'
import { dhcpcd } from '../../lab/clients/dhcpcd.ts'
import { resolvConfOf } from '../../lab/clients/machine.ts'
import { networkd } from '../../lab/clients/networkd.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { udhcpc } from '../../lab/clients/udhcpc.ts'
import { windowsClients } from '../../lab/clients/windows.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { Lan } from '../../lab/lan.ts'
import type { LabNode } from '../../lab/node.ts'
import { attempt } from '../../lab/process.ts'
import { startQemu } from '../../lab/qemu.ts'
import { startUdhcpd } from '../../lab/udhcpd.ts'

const macOf = (vmid: number) => `52:54:00:9e:00:${(vmid % 256).toString(16).padStart(2, '0')}`
const vm = (vmid: number, more = '') => `net0: virtio=${macOf(vmid)},bridge=vmbr0${more}\n`
const container = (vmid: number) => `net0: name=eth0,hwaddr=${macOf(vmid)},bridge=vmbr0,type=veth\n`
const addressOf = (vmid: number) => `192.0.2.${vmid % 256}`
const SERVED = [100, 101, 102, 103, 110, 111, 112, 113, 114, 115, 116, 120]

let lab: Lab
let node: LabNode
let lan: Lan

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'labtest' })
  const tree = lab.createTree({ nodes: ['pve1'] })
  tree.write('pve1', 'qemu', 100, vm(100))
  tree.write('pve1', 'qemu', 101, vm(101, ',firewall=1'))
  tree.write('pve1', 'lxc', 102, container(102))
  tree.write('pve1', 'qemu', 103, vm(103, ',tag=5'))
  for (const vmid of [110, 111, 112, 113, 114, 115, 116, 120])
    tree.write('pve1', 'qemu', vmid, vm(vmid, ',firewall=1'))
  node = await lab.addNode('pve1', tree)
  await node.addBridge('vmbr0')
  lan = await lab.addLan()
  await lan.connect(node, 'vmbr0')
  await node.startAll([100, 101, 102, 103])
  await lan.ip([`addr add 192.0.2.1/24 dev ${lan.link}`])
  startUdhcpd(lan, {
    link: lan.link,
    reservations: Object.fromEntries(SERVED.map(vmid => [macOf(vmid), addressOf(vmid)])),
    options: [
      'subnet 255.255.255.0',
      'router 192.0.2.1',
      'dns 192.0.2.53',
      'search lab.example',
      'lease 3600',
    ],
  })
})

afterAll(async () => {
  await lab?.close()
  const { stdout } = await attempt(['ip', 'netns', 'list'])
  expect(stdout).not.toContain(lab?.id)
})

interface Link {
  ifname: string
  master?: string
  operstate: string
  mtu: number
}

async function linksByName(): Promise<Map<string, Link>> {
  const links = await node.ipJson<Link>('link')
  return new Map(links.map(link => [link.ifname, link]))
}

describe('a simulated node', () => {
  test.each([
    ['tap100i0', 'vmbr0'],
    ['tap101i0', 'fwbr101i0'],
    ['fwln101i0', 'fwbr101i0'],
    ['fwpr101p0', 'vmbr0'],
    ['veth102i0', 'vmbr0'],
    ['tap103i0', 'vmbr0v5'],
  ])('has %s in %s', async (port, bridge) => {
    expect((await linksByName()).get(port)).toMatchObject({ master: bridge, operstate: 'UP', mtu: 1500 })
  })

  test.each(['tap100i0', 'fwbr101i0', 'fwln101i0', 'fwpr101p0'])('has no IPv6 on %s', async link => {
    const file = `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`
    expect(await node.run('cat', [file])).toBe('1')
  })

  test('shows one command the namespaces that another has added', async () => {
    await node.run('ip', ['netns', 'add', 'inner'])
    expect(await node.run('ip', ['netns', 'list'])).toBe('inner')
    await node.run('ip', ['netns', 'exec', 'inner', 'true'])
    expect((await attempt(['ip', 'netns', 'list'])).stdout).not.toContain('inner')
    await node.run('ip', ['netns', 'del', 'inner'])
  })

  test('loses all of a guest with the guest', async () => {
    await node.start(116)
    await node.unplug(116, 0)
    await node.hotplug(116, 0)
    expect((await linksByName()).get('tap116i0')).toMatchObject({ master: 'fwbr116i0' })
    await node.stop(116)
    expect([...(await linksByName()).keys()].filter(name => name.includes('116'))).toEqual([])
  })
})

describe('DHCP clients', () => {
  const clients = [udhcpc, dhclient, dhcpcd, networkd, ...windowsClients]

  test.each(clients.map((client, index) => ({ client, vmid: 110 + index })))(
    '$client.name leases',
    async ({ client, vmid }) => {
      const guest = node.guests.get(vmid) ?? (await node.start(vmid))
      const leased = await lease(client, guest.port(), { timeoutMs: 20_000 })
      if (leased === undefined) throw new Error(await lab.dump())
      expect(leased).toMatchObject({
        address: addressOf(vmid),
        prefixLength: 24,
        routers: ['192.0.2.1'],
        serverIdentifier: '192.0.2.1',
        dns: ['192.0.2.53'],
        leaseTime: 3600,
      })
    },
  )

  test.each([
    ['udhcpc', 110],
    ['dhclient', 111],
    ['dhcpcd', 112],
    ['networkd', 113],
  ])('what %s has leased is in force', async (_name, vmid) => {
    const guest = node.guest(vmid)
    expect(await guest.addresses()).toEqual([`${addressOf(vmid)}/24`])
    expect(await guest.routes()).toContainEqual(
      expect.objectContaining({ dst: 'default', gateway: '192.0.2.1' }),
    )
  })

  test('write the resolver configuration of their guest, not of the machine', () => {
    expect(resolvConfOf(node.guest(110))).toBe('search lab.example\nnameserver 192.0.2.53\n')
    expect(resolvConfOf(node.guest(111))).toContain('nameserver 192.0.2.53')
  })

  test('a raw client leases, renews by unicast, and tells when the first offer came', async () => {
    await withRawClient(node.guest(100).port(), async client => {
      const leased = await client.exchange()
      expect(leased).toMatchObject({ address: addressOf(100), search: ['lab.example'] })
      if (leased === undefined) return
      const [{ address: serverMac } = { address: '' }] = await lan.ipJson<{ address: string }>(
        'link',
        'show',
        'dev',
        lan.link,
      )
      expect(await client.renew(leased, serverMac)).toMatchObject({ address: addressOf(100) })
      const probe = await client.probe({ everyMs: 5 })
      expect((probe?.offeredAt ?? 0) - (probe?.sentAt ?? 0)).toBeGreaterThan(0)
    })
  })

  test('a raw client can speak as somebody else', async () => {
    await withRawClient(node.guest(100).port(), async client => {
      const capture = await Capture.start(lan, lan.link, 'port 67')
      const stranger = { frame: { sourceMac: '52:54:00:00:00:01' }, message: { chaddr: '52:54:00:00:00:01' } }
      expect(await client.discover({ ...stranger, timeoutMs: 300 })).toBeUndefined()
      await eventually('the stranger is seen on the LAN', () => capture.frames().length > 0)
      expect((await capture.stop()).join('\n')).toContain('52:54:00:00:00:01 > ff:ff:ff:ff:ff:ff')
    })
  })
})

test('a closed lab leaves nothing, not even what ran in namespaces that were added on its nodes', async () => {
  const other = await Lab.create({ prefix: 'labtest' })
  const tree = other.createTree({ nodes: ['pve1'], plain: true })
  tree.write('pve1', 'qemu', 100, vm(100))
  const lonely = await other.addNode('pve1', tree)
  await lonely.addBridge('vmbr0')
  await lonely.run('ip', ['netns', 'add', 'inner'])
  const daemon = await lonely.run('sh', ['-c', 'ip netns exec inner sleep 1000 >/dev/null 2>&1 & echo $!'])
  expect(existsSync(`/proc/${daemon}`)).toBe(true)
  const starting = lonely.start(100)
  await other.close()
  await starting
  await eventually('the daemon is gone', () => !existsSync(`/proc/${daemon}`))
  expect((await attempt(['ip', 'netns', 'list'])).stdout).not.toContain(other.id)
  expect(existsSync(other.dir)).toBe(false)
  await expect(other.addLan()).rejects.toThrow('closed')
})

test('the firmware of a virtual machine leases through a tap of QEMU', async () => {
  const machine = await startQemu(node, 120)
  expect(
    await eventually('iPXE leases', () => machine.lease(), {
      timeoutMs: 50_000,
      dump: () => machine.console(),
    }),
  ).toEqual({
    address: addressOf(120),
    mask: '255.255.255.0',
    gateway: '192.0.2.1',
  })
  expect((await linksByName()).get('tap120i0')).toMatchObject({ master: 'fwbr120i0' })
  await machine.stop()
  await eventually(
    'nothing is left',
    async () => ![...(await linksByName()).keys()].some(name => name.includes('120')),
  )
})
