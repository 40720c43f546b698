import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TYPE, withRawClient6 } from '../../lab/clients6/raw.ts'
import { container, createWorld, macOf, runAgent, served, vm, type World } from './world.ts'

let world: World

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
  await node.startAll([100, 101, 102, 103, 104, 105, 106])
  await runAgent(world)
  await served(world, 100, 101, 102, 103, 105, 106)
})

afterAll(() => world?.lab.close())

const duidOf = {
  'DUID-LL': (mac: string) => Buffer.from(`00030001${mac.replaceAll(':', '')}`, 'hex'),
  'DUID-LLT': (mac: string) => Buffer.from(`000100012e8a1b2c${mac.replaceAll(':', '')}`, 'hex'),
  'DUID-EN': () => Buffer.concat([Buffer.from('00020000ab11', 'hex'), randomBytes(8)]),
  'DUID-UUID': () => Buffer.concat([Buffer.from('0004', 'hex'), randomBytes(16)]),
} as const

const port = (vmid: number) => world.node.guest(vmid).port()

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
