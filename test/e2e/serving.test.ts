import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from '../../lab/capture.ts'
import { lease } from '../../lab/clients/client.ts'
import { dhclient } from '../../lab/clients/dhclient.ts'
import { dhcpcd } from '../../lab/clients/dhcpcd.ts'
import { type Manner, option } from '../../lab/clients/manner.ts'
import { networkd } from '../../lab/clients/networkd.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { udhcpc } from '../../lab/clients/udhcpc.ts'
import { windowsClients } from '../../lab/clients/windows.ts'
import { eventually } from '../../lab/eventually.ts'
import { startQemu } from '../../lab/qemu.ts'
import { container, createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

let world: World

const DNS = 'nameserver: 192.0.2.53\nsearchdomain: lab.example\n'

beforeAll(async () => {
  world = await createWorld({ prefix: 'serve' })
  const { tree, node } = world
  tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1', more: DNS }))
  tree.write('pve1', 'qemu', 101, vm(101, { ip: '192.0.2.101/24', gw: '192.0.2.1', net: ',firewall=1' }))
  tree.write('pve1', 'lxc', 102, container(102, { ip: '192.0.2.102/24', gw: '192.0.2.1' }))
  tree.write('pve1', 'qemu', 103, vm(103, { ip: '203.0.113.7/32', gw: '172.31.1.1', net: ',mtu=1400' }))
  tree.write('pve1', 'qemu', 104, vm(104))
  tree.write('pve1', 'qemu', 105, vm(105, { ip: '198.51.100.9/25' }))
  tree.write('pve1', 'qemu', 106, vm(106, { ip: '10.0.0.5/24', gw: '10.0.0.1', net: ',tag=5' }))
  tree.write('pve1', 'qemu', 107, vm(107, { ip: '10.0.0.5/24', gw: '10.0.0.1', net: ',tag=6,firewall=1' }))
  for (const vmid of [110, 111, 112, 113, 114, 115, 116]) {
    const address = `192.0.2.${vmid}/24`
    tree.write(
      'pve1',
      'qemu',
      vmid,
      vm(vmid, { ip: address, gw: '192.0.2.1', net: ',firewall=1', more: DNS }),
    )
  }
  tree.write('pve1', 'qemu', 120, vm(120, { ip: '192.0.2.120/24', gw: '192.0.2.1', net: ',firewall=1' }))
  await node.startAll([100, 101, 102, 103, 104, 105, 106, 107, 110, 111, 112, 113, 114, 115, 116])
  await runAgent(world)
  await served(world, 100, 101, 102, 103, 105, 106, 107, 110, 111, 112, 113, 114, 115, 116)
})

afterAll(() => world?.lab.close())

/** What a guest is told, asked for with a client that only talks. */
async function toldTo(vmid: number) {
  return await withRawClient(world.node.guest(vmid).port(), client => client.exchange({ timeoutMs: 5000 }))
}

describe('a guest is told exactly what its configuration says', () => {
  test('on a plain bridge', async () => {
    expect(await toldTo(100)).toEqual({
      address: '192.0.2.100',
      prefixLength: 24,
      routers: ['192.0.2.1'],
      serverIdentifier: '192.0.2.1',
      dns: ['192.0.2.53'],
      search: ['lab.example'],
      hostname: 'guest100',
      mtu: undefined,
      classlessRoutes: [],
      leaseTime: 3600,
    })
  })

  test('behind its firewall bridge', async () => {
    expect(await toldTo(101)).toMatchObject({ address: '192.0.2.101', prefixLength: 24 })
  })

  test('in a container', async () => {
    expect(await toldTo(102)).toMatchObject({ address: '192.0.2.102', hostname: 'guest102' })
  })

  test('with a /32 and a gateway outside, by options 3 and 121, and with its MTU', async () => {
    expect(await toldTo(103)).toMatchObject({
      address: '203.0.113.7',
      prefixLength: 32,
      routers: ['172.31.1.1'],
      mtu: 1400,
      classlessRoutes: [
        { destination: '172.31.1.1/32', gateway: '0.0.0.0' },
        { destination: '0.0.0.0/0', gateway: '172.31.1.1' },
      ],
    })
  })

  test('without a gateway, by a server that names itself', async () => {
    expect(await toldTo(105)).toMatchObject({
      address: '198.51.100.9',
      prefixLength: 25,
      routers: [],
      serverIdentifier: '169.254.67.1',
    })
  })

  test('with the same address as another guest in another VLAN', async () => {
    expect(await toldTo(106)).toMatchObject({ address: '10.0.0.5', routers: ['10.0.0.1'] })
    expect(await toldTo(107)).toMatchObject({ address: '10.0.0.5', routers: ['10.0.0.1'] })
  })
})

describe('every client takes its address', () => {
  const clients = [udhcpc, dhclient, dhcpcd, networkd, ...windowsClients]

  test.each(clients.map((client, index) => ({ client, vmid: 110 + index })))(
    '$client.name',
    async ({ client, vmid }) => {
      const leased = await lease(client, world.node.guest(vmid).port(), { timeoutMs: 30_000 })
      if (leased === undefined) throw new Error(await world.lab.dump())
      expect(leased).toMatchObject({ address: `192.0.2.${vmid}`, prefixLength: 24, routers: ['192.0.2.1'] })
    },
  )

  test.each([udhcpc, dhclient, dhcpcd, networkd].map(client => ({ client })))(
    '$client.name, a /32 with its gateway outside',
    async ({ client }) => {
      const guest = world.node.guest(103)
      const leased = await lease(client, guest.port(), { timeoutMs: 30_000 })
      if (leased === undefined) throw new Error(await world.lab.dump())
      expect(leased).toMatchObject({ address: '203.0.113.7', prefixLength: 32 })
    },
  )

  test('the firmware of a virtual machine, through a tap of QEMU', async () => {
    const machine = await startQemu(world.node, 120)
    const leased = await eventually('iPXE leases', () => machine.lease(), {
      timeoutMs: 50_000,
      dump: async () => `${machine.console()}\n${await world.lab.dump()}`,
    })
    expect(leased).toEqual({ address: '192.0.2.120', mask: '255.255.255.0', gateway: '192.0.2.1' })
    await machine.stop()
  })
})

test('a node without a static IPv6 address runs no Kea for it', async () => {
  const { servers } = await reportOf(world, report => report.servers.length > 0)
  expect(servers.map(({ server }) => server).toSorted()).toEqual(['dhcp4-1', 'dhcp4-2'])
})

describe('a guest renews', () => {
  test('by unicast to its gateway, which never sees it', async () => {
    const capture = await Capture.start(world.lan, world.lan.link, 'port 67 or (vlan and port 67)')
    await withRawClient(world.node.guest(101).port(), async client => {
      const leased = await client.exchange()
      if (!leased) throw new Error(await world.lab.dump())
      // A gateway that is not there at all: the frame must be taken at the port.
      const renewed = await client.renew(leased, '02:00:00:00:00:01')
      expect(renewed).toMatchObject({ address: '192.0.2.101' })
    })
    expect(await capture.stop()).toEqual([])
  })

  test('after it declined its address, which it gets again', async () => {
    await withRawClient(world.node.guest(104).port(), async client => {
      expect(await client.discover({ timeoutMs: 300 })).toBeUndefined()
    })
    await withRawClient(world.node.guest(105).port(), async client => {
      const leased = await client.exchange()
      expect(leased).toMatchObject({ address: '198.51.100.9' })
      client.decline('198.51.100.9', '169.254.67.1')
      const again = await client.probe({ everyMs: 500, timeoutMs: 20_000 })
      expect(again?.lease.address).toBe('198.51.100.9')
    })
  })
})

describe('what is not a served guest’s own message', () => {
  test('gets no answer from guestnet when the guest has no static address', async () => {
    await withRawClient(world.node.guest(104).port(), async client => {
      expect(await client.discover({ timeoutMs: 700, everyMs: 100 })).toBeUndefined()
    })
  })

  const foreign: { name: string; manner: Manner }[] = [
    { name: 'from another hardware address', manner: { frame: { sourceMac: '52:54:00:aa:00:01' } } },
    {
      name: 'for another machine',
      manner: { message: { chaddr: '52:54:00:aa:00:02' } },
    },
    { name: 'relayed', manner: { message: { giaddr: '192.0.2.77' } } },
    { name: 'in a VLAN of the guest’s own', manner: { frame: { vlan: 7 } } },
    { name: 'that is an answer of a server inside the guest', manner: { message: { op: 2 } } },
  ]
  test.each(foreign)('passes untouched: $name', async ({ manner }) => {
    const capture = await Capture.start(world.lan, world.lan.link, 'port 67 or (vlan and port 67)')
    await withRawClient(world.node.guest(100).port(), async client => {
      expect(await client.discover({ ...manner, timeoutMs: 700, everyMs: 100 })).toBeUndefined()
    })
    await eventually('it is seen on the LAN', () => capture.frames().length > 0, {
      dump: () => world.lab.dump(),
    })
    await capture.stop()
  })

  test('while its own never reaches the LAN', async () => {
    const capture = await Capture.start(world.lan, world.lan.link, 'port 67 or port 68')
    expect(await toldTo(100)).toMatchObject({ address: '192.0.2.100' })
    expect(await toldTo(101)).toMatchObject({ address: '192.0.2.101' })
    // A frame that must arrive proves that the capture sees what arrives.
    await withRawClient(world.node.guest(104).port(), client => client.discover({ timeoutMs: 200 }))
    await eventually('the stranger is seen', () => capture.frames().some(frame => frame.includes(macOf(104))))
    expect((await capture.stop()).filter(frame => !frame.includes(macOf(104)))).toEqual([])
  })

  test('cannot steal another guest’s address with a request that names it', async () => {
    await withRawClient(world.node.guest(100).port(), async client => {
      const wish = option(50, [192, 0, 2, 101])
      const offered = await client.exchange({ options: () => [wish, option(55, [1, 3])] })
      expect(offered?.address).not.toBe('192.0.2.101')
    })
  })
})
