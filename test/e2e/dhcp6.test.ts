import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Capture } from '../../lab/capture.ts'
import { lease } from '../../lab/clients/client.ts'
import { dhclient6 } from '../../lab/clients6/dhclient.ts'
import { dhcpcd6 } from '../../lab/clients6/dhcpcd.ts'
import { textOf6 } from '../../lab/clients6/frame.ts'
import { networkd6 } from '../../lab/clients6/networkd.ts'
import { type Client6, RawClient6, type Told6, TYPE, withRawClient6 } from '../../lab/clients6/raw.ts'
import { windowsClients6 } from '../../lab/clients6/windows.ts'
import { eventually } from '../../lab/eventually.ts'
import { container, createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

let world: World

/** A message that is lost is not sent again. */
const ONCE = { timeoutMs: 3000, everyMs: 60_000 }

const told = { nameserver: 'nameserver: 192.0.2.53 2001:db8::53\nsearchdomain: lab.example\n' }

/** A VM with IPv6 only, unless `ip6` says more. */
const vm6 = (vmid: number, ip6: string, net = '') =>
  vm(vmid, { net, more: `ipconfig0: ip6=${ip6}\n${told.nameserver}` })

beforeAll(async () => {
  world = await createWorld({ prefix: 'six' })
  const { tree, node } = world
  tree.write('pve1', 'qemu', 100, vm6(100, '2001:db8::100/64,gw6=2001:db8::1'))
  tree.write('pve1', 'qemu', 101, vm6(101, '2001:db8::101/64,gw6=2001:db8::1', ',firewall=1'))
  tree.write('pve1', 'lxc', 102, container(102, { net: ',ip6=2001:db8::102/64' }))
  tree.write('pve1', 'qemu', 103, vm6(103, '2001:db8:ffff::7/128,gw6=fe80::1'))
  tree.write('pve1', 'qemu', 104, vm6(104, 'auto'))
  tree.write('pve1', 'qemu', 105, vm6(105, '2001:db8:5::5/64', ',tag=5'))
  tree.write('pve1', 'qemu', 106, vm6(106, '2001:db8:5::5/64', ',tag=6,firewall=1'))
  const others = [110, 111, 112, 113, 114, 115, 116]
  for (const vmid of others)
    tree.write('pve1', 'qemu', vmid, vm6(vmid, `2001:db8::${vmid}/64`, ',firewall=1'))
  await node.startAll([100, 101, 102, 103, 104, 105, 106, ...others])
  await runAgent(world)
  await served(world, 100, 101, 102, 103, 105, 106, ...others)
})

afterAll(() => world?.lab.close())

const duidOf = {
  'DUID-LL': (mac: string) => Buffer.from(`00030001${mac.replaceAll(':', '')}`, 'hex'),
  'DUID-LLT': (mac: string) => Buffer.from(`000100012e8a1b2c${mac.replaceAll(':', '')}`, 'hex'),
  'DUID-EN': () => Buffer.concat([Buffer.from('00020000ab11', 'hex'), randomBytes(8)]),
  'DUID-UUID': () => Buffer.concat([Buffer.from('0004', 'hex'), randomBytes(16)]),
} as const

const port = (vmid: number) => world.node.guest(vmid).port()

const asOwner = (vmid: number): Client6 => ({ duid: duidOf['DUID-LL'](macOf(vmid)) })

/** As of RFC 7217: nothing of it tells anything. */
function anyLinkLocal(): string {
  return textOf6(Buffer.concat([Buffer.from('fe80000000000000', 'hex'), randomBytes(8)]))
}

describe('a guest is given exactly what its configuration says', () => {
  test.each([
    [100, 'on a plain bridge', '2001:db8::100'],
    [101, 'behind its firewall bridge', '2001:db8::101'],
    [102, 'in a container', '2001:db8::102'],
    [103, 'a /128', '2001:db8:ffff::7'],
    [105, 'in a VLAN', '2001:db8:5::5'],
    [106, 'with the same address in another VLAN', '2001:db8:5::5'],
  ])('%i, %s', async (vmid, _, address) => {
    const duid = duidOf['DUID-LL'](macOf(vmid))
    const given = await withRawClient6(port(vmid), client => client.lease({ duid }))
    if (given === undefined) throw new Error(await world.lab.dump())
    expect(given).toBe(address)
  })

  test('and nothing to a guest without a static address', async () => {
    const answer = await withRawClient6(port(104), client =>
      client.ask(TYPE.solicit, { duid: duidOf['DUID-LL'](macOf(104)) }, { timeoutMs: 1500 }),
    )
    expect(answer).toBeUndefined()
  })
})

describe('who it is, the port tells:', () => {
  test.each(Object.entries(duidOf))(
    '%s makes no difference, nor does the address that is asked from',
    async (_, make) => {
      const duid = make(macOf(101))
      const from = anyLinkLocal()
      await withRawClient6(port(101), async client => {
        const told = await eventually('it is offered its address', async () => {
          const answer = await client.ask(TYPE.solicit, { duid, from })
          return answer?.addresses[0] === undefined ? undefined : answer
        })
        expect(told).toMatchObject({
          addresses: ['2001:db8::101'],
          to: from,
          toMac: macOf(101),
          dns: ['2001:db8::53'],
          search: ['lab.example'],
        })
        expect(await client.lease({ duid, from })).toBe('2001:db8::101')
      })
    },
  )

  test('another guest’s DUID and link-local address lead to one’s own address, and to one’s own port', async () => {
    const victim = { duid: duidOf['DUID-LL'](macOf(100)), from: 'fe80::100' }
    await withRawClient6(port(100), async owner => {
      expect(await owner.lease(victim)).toBe('2001:db8::100')
      await withRawClient6(port(102), async thief => {
        const told = await eventually('the thief is told something', async () => {
          const answer = await thief.ask(TYPE.solicit, victim)
          return answer?.addresses.length === 1 ? answer : undefined
        })
        expect(told).toMatchObject({ addresses: ['2001:db8::102'], toMac: macOf(102) })
      })
      expect(await owner.ask(TYPE.solicit, victim)).toMatchObject({
        addresses: ['2001:db8::100'],
        toMac: macOf(100),
      })
    })
  })

  test('equal link-local addresses in two VLANs do not meet', async () => {
    const from = 'fe80::1'
    await Promise.all(
      [105, 106].map(vmid =>
        withRawClient6(port(vmid), async client => {
          const duid = duidOf['DUID-LLT'](macOf(vmid))
          for (let time = 0; time < 5; time++)
            expect((await client.ask(TYPE.solicit, { duid, from }))?.toMac).toBe(macOf(vmid))
        }),
      ),
    )
  })
})

test('asking from any number of addresses takes room for seconds, and disturbs nobody', async () => {
  const duid = duidOf['DUID-LL'](macOf(105))
  await withRawClient6(port(105), async flooding => {
    const isAnswered = [...Array(20).keys()].map(async () => {
      for (let time = 0; time < 50; time++) {
        const from = anyLinkLocal()
        void flooding.ask(TYPE.solicit, { duid, from }, { timeoutMs: 1, everyMs: 1000 })
      }
      return await withRawClient6(port(100), client =>
        client.ask(TYPE.information, { duid: duidOf['DUID-LL'](macOf(100)) }, { timeoutMs: 2000 }),
      )
    })
    for (const answer of await Promise.all(isAnswered)) expect(answer?.type).toBe(TYPE.reply)
  })
  const kept = async () => {
    const map = await world.node.run('nft', ['list', 'map', 'netdev', world.node.agentName, 'asker6_of'])
    return map.split(macOf(105)).length - 1
  }
  const { nics } = await reportOf(world, () => true)
  const taken = nics.find(({ vmid, family }) => vmid === 105 && family === 'ipv6')?.requests
  expect(await kept()).toBeLessThanOrEqual(taken ?? 0)
  await eventually('nothing of it is kept', async () => (await kept()) === 0, {
    dump: () => world.lab.dump(),
  })
})

test('as much at once as the ports let through is taken, all of it', async () => {
  const asking = [100, 101, 102, 103, 110, 111, 112, 113, 114, 115, 116]
  const capture = await Capture.start(world.lan, world.lan.link, 'udp port 547')
  const clients = await Promise.all(asking.map(vmid => RawClient6.open(port(vmid))))
  const burst = [...Array(80).keys()].flatMap(() =>
    clients.map((client, index) =>
      client.ask(TYPE.information, asOwner(asking[index] ?? 0), { timeoutMs: 1, everyMs: 60_000 }),
    ),
  )
  await Promise.all(burst)
  for (const client of clients) client.close()
  // A frame that must arrive proves that the capture sees what arrives.
  await withRawClient6(port(104), client => client.ask(TYPE.solicit, asOwner(104), { timeoutMs: 300 }))
  await eventually('the stranger is seen', () => capture.frames().some(frame => frame.includes(macOf(104))))
  expect((await capture.stop()).filter(frame => !frame.includes(macOf(104)))).toEqual([])
  await reportOf(world, ({ nics }) =>
    asking.every(asks =>
      nics.some(
        ({ vmid, family, requests = 0, dropped }) =>
          vmid === asks && family === 'ipv6' && requests >= 80 && dropped === undefined,
      ),
    ),
  )
})

test('more than a port lets through is dropped there, and costs nobody else an answer', async () => {
  await withRawClient6(port(106), async flooding => {
    const flood = setInterval(() => {
      for (let time = 0; time < 20; time++)
        void flooding.ask(TYPE.solicit, asOwner(106), { timeoutMs: 1, everyMs: 1000 })
    }, 20)
    try {
      await reportOf(world, ({ nics }) =>
        nics.some(({ vmid, family, dropped = 0 }) => vmid === 106 && family === 'ipv6' && dropped > 200),
      )
      await withRawClient6(port(100), async client => {
        for (let time = 0; time < 5; time++)
          expect(await client.ask(TYPE.information, asOwner(100), ONCE)).toMatchObject({ type: TYPE.reply })
      })
    } finally {
      clearInterval(flood)
    }
  })
})

describe('what is not a served guest’s own message goes on to the network as it is:', () => {
  const own = { duid: duidOf['DUID-LL'](macOf(100)) }
  const foreign: { name: string; type: number; client: Client6 }[] = [
    {
      name: 'from another hardware address',
      type: TYPE.solicit,
      client: { ...own, frame: { sourceMac: '52:54:00:aa:00:01' } },
    },
    { name: 'relayed for others', type: 12, client: own },
    { name: 'an answer of a server inside the guest', type: TYPE.advertise, client: own },
    {
      name: 'to a server of its own choice',
      type: TYPE.solicit,
      client: { ...own, frame: { destinationAddress: 'ff05::1:3' } },
    },
  ]
  test.each(foreign)('$name', async ({ type, client: sender }) => {
    const capture = await Capture.start(world.lan, world.lan.link, 'udp port 547')
    try {
      await withRawClient6(port(100), async client => {
        expect(await client.ask(type, sender, { timeoutMs: 700, everyMs: 100 })).toBeUndefined()
      })
      await eventually('it is seen on the LAN', () => capture.frames().length > 0, {
        dump: () => world.lab.dump(),
      })
    } finally {
      await capture.stop()
    }
  })

  test('while its own never reaches it', async () => {
    const capture = await Capture.start(world.lan, world.lan.link, 'udp port 546 or udp port 547')
    for (const vmid of [100, 101]) {
      const own = { duid: duidOf['DUID-LL'](macOf(vmid)) }
      await withRawClient6(port(vmid), client => eventually('it leases', () => client.lease(own)))
    }
    // A frame that must arrive proves that the capture sees what arrives.
    await withRawClient6(port(104), client =>
      client.ask(TYPE.solicit, { duid: duidOf['DUID-LL'](macOf(104)) }, { timeoutMs: 300 }),
    )
    await eventually('the stranger is seen', () => capture.frames().some(frame => frame.includes(macOf(104))))
    expect((await capture.stop()).filter(frame => !frame.includes(macOf(104)))).toEqual([])
  })
})

test('links on which Proxmox turns IPv6 off are ports like any other', async () => {
  const links = ['tap101i0', 'fwbr101i0', 'fwln101i0', 'fwpr101p0']
  const switches = links.map(link => `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`)
  expect((await world.node.run('cat', switches)).trim().split('\n')).toEqual(links.map(() => '1'))
  const duid = duidOf['DUID-UUID']()
  expect(
    await withRawClient6(port(101), client => eventually('it leases', () => client.lease({ duid }))),
  ).toBe('2001:db8::101')
})

test('a client that declines its address, as somebody else has it, is given it again soon', async () => {
  await withRawClient6(port(100), async client => {
    const own = { duid: duidOf['DUID-LL'](macOf(100)) }
    const address = await eventually('it leases', () => client.lease(own))
    const told = await client.ask(TYPE.solicit, own)
    const asked = { address, ...(told?.server && { server: told.server }) }
    expect(await client.ask(TYPE.decline, own, asked)).toMatchObject({ type: TYPE.reply })
    const until = ({ addresses }: Told6) => addresses[0] === address
    expect(await client.ask(TYPE.solicit, own, { until, timeoutMs: 20_000 })).toBeDefined()
  })
})

describe('a client that has its address', () => {
  const duid = duidOf['DUID-EN']()
  const address = '2001:db8::100'

  test('renews, rebinds, confirms, asks for the rest, releases and takes it again at once', async () => {
    await withRawClient6(port(100), async client => {
      const { server } = (await eventually('it is given the address', async () => {
        const told = await client.ask(TYPE.solicit, { duid }, { rapidCommit: true })
        return told?.type === TYPE.reply && told.addresses[0] === address ? told : undefined
      })) as { server: Buffer }
      const own = { address, server }
      expect(await client.ask(TYPE.renew, { duid }, own)).toMatchObject({
        addresses: [address],
        withdrawn: [],
      })
      expect(await client.ask(TYPE.rebind, { duid }, { address })).toMatchObject({ addresses: [address] })
      expect(await client.ask(TYPE.confirm, { duid }, { address })).toMatchObject({ status: 0 })
      expect(await client.ask(TYPE.information, { duid })).toMatchObject({ dns: ['2001:db8::53'] })
      expect(await client.ask(TYPE.release, { duid }, own)).toMatchObject({ type: TYPE.reply, status: 0 })
      expect(await client.ask(TYPE.solicit, { duid })).toMatchObject({ addresses: [address] })
    })
  })

  test('is told when it is elsewhere, and keeps nothing that is not its own', async () => {
    await withRawClient6(port(103), async client => {
      const mine = { duid: duidOf['DUID-LL'](macOf(103)) }
      expect(await client.lease(mine)).toBe('2001:db8:ffff::7')
      expect(await client.ask(TYPE.confirm, mine, { address: '2001:db8:ffff::7' })).toMatchObject({
        status: 0,
      })
      expect(await client.ask(TYPE.confirm, mine, { address: '2001:db8::100' })).toMatchObject({ status: 4 })
      expect(await client.ask(TYPE.rebind, mine, { address: '2001:db8::100' })).toMatchObject({
        addresses: ['2001:db8:ffff::7'],
        withdrawn: ['2001:db8::100'],
      })
    })
  })
})

describe('every client takes its address', () => {
  const clients = [dhclient6('LL'), dhclient6('LLT'), dhcpcd6, networkd6, ...windowsClients6]

  test.each(clients.map((client, index) => ({ client, vmid: 110 + index })))(
    '$client.name',
    async ({ client, vmid }) => {
      const leased = await lease(client, port(vmid), { timeoutMs: 20_000 })
      if (leased === undefined) throw new Error(await world.lab.dump())
      expect(leased).toEqual({ address: `2001:db8::${vmid}`, dns: ['2001:db8::53'], search: ['lab.example'] })
    },
  )
})
