import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { Fabric } from './fabric.ts'

let fabric: Fabric

beforeAll(async () => {
  fabric = await Fabric.create('migrate')
})
afterAll(() => fabric?.lab.close())

describe('a live migration', () => {
  test('moves both addresses at the rename, both ways, and leaves nothing on the source', async () => {
    fabric.write('pve1', 100)
    await fabric.start('pve1', 100)
    await fabric.leadsTo(100, 'pve1')
    await fabric.migrate(100, 'pve1', 'pve2')
    await fabric.hasForgotten('pve1', 100)
    await fabric.pings(100)
    await fabric.migrate(100, 'pve2', 'pve1')
    await fabric.hasForgotten('pve2', 100)
    await fabric.pings(100)
  })

  test('changes nothing before the rename, however long the target’s port is there, but for DHCP', async () => {
    const { node } = fabric.at('pve2')
    await fabric.start('pve2', 100)
    await fabric.report('pve2', ({ nics }) =>
      nics.some(({ vmid, state }) => vmid === 100 && state === 'served'),
    )
    expect(await fabric.router.nextHop('203.0.113.100')).toBe(fabric.hop('pve1'))
    const offered = await withRawClient(node.guest(100).port(), client => client.exchange())
    expect(offered?.address).toBe('203.0.113.100')
  })

  test('that fails leaves the guest where it was', async () => {
    await fabric.at('pve2').node.stop(100)
    await fabric.hasForgotten('pve2', 100)
    expect(await fabric.router.nextHop('203.0.113.100')).toBe(fabric.hop('pve1'))
    await fabric.pings(100)
  })

  test('that is reversed at once ends where the configuration is', async () => {
    await fabric.start('pve2', 100)
    fabric.tree.move(100, 'pve2')
    fabric.tree.move(100, 'pve1')
    fabric.tree.move(100, 'pve2')
    fabric.tree.move(100, 'pve1')
    await fabric.leadsTo(100, 'pve1')
    await fabric.at('pve2').node.stop(100)
    await fabric.hasForgotten('pve2', 100)
    await fabric.pings(100)
  })

  test('renews by DHCP on the target at once', async () => {
    await fabric.migrate(100, 'pve1', 'pve2')
    await withRawClient(fabric.at('pve2').node.guest(100).port(), async client => {
      const leased = await client.exchange()
      expect(leased?.address).toBe('203.0.113.100')
      if (leased)
        expect(await client.renew(leased, 'da:f0:f1:08:55:c4')).toMatchObject({ address: '203.0.113.100' })
    })
  })

  test.each([
    ['pve2', 'pve1'],
    ['pve1', 'pve2'],
  ])('leads to the target even while nobody looks after %s, which goes on announcing', async (from, to) => {
    const { node } = fabric.at(from)
    await fabric.endAgent(from)
    // Arrivals are told in seconds.
    const arrival = Math.floor(Date.now() / 1000)
    await eventually('the next second', async () => Date.now() / 1000 > arrival + 1)
    await fabric.start(to, 100)
    fabric.tree.move(100, to)
    await fabric.leadsTo(100, to)
    await fabric.pings(100)
    const told = () => fabric.router.birdc('show', 'route', 'protocol', `node${fabric.at(from).number}`)
    expect(await told()).toContain('203.0.113.100/32')
    // The port goes at the end of a migration, and BIRD needs nobody to tell it.
    await node.stop(100)
    await eventually('it is withdrawn', async () => !(await told()).includes('203.0.113.100/32'))
    await fabric.restartAgent(from)
    await fabric.hasForgotten(from, 100)
    await fabric.leadsTo(100, to)
  })

  test('of ten guests at once moves them all', async () => {
    const guests = Array.from({ length: 10 }, (_, index) => 110 + index)
    for (const vmid of guests) fabric.write('pve1', vmid)
    for (const vmid of guests) await fabric.start('pve1', vmid)
    for (const vmid of guests) await fabric.leadsTo(vmid, 'pve1')
    for (const vmid of guests) await fabric.start('pve2', vmid)
    for (const vmid of guests) fabric.tree.move(vmid, 'pve2')
    for (const vmid of guests) await fabric.leadsTo(vmid, 'pve2')
    await fabric.at('pve1').node.stopAll(guests)
    for (const vmid of guests) await fabric.hasForgotten('pve1', vmid)
  })
})

describe('other ways to another node', () => {
  test('offline: announced where the guest is started next', async () => {
    fabric.write('pve1', 130)
    fabric.tree.move(130, 'pve2')
    await fabric.start('pve2', 130)
    await fabric.leadsTo(130, 'pve2')
  })

  test('a container, by stop and start', async () => {
    fabric.writeContainer('pve1', 131)
    await fabric.start('pve1', 131)
    await fabric.leadsTo(131, 'pve1')
    await fabric.at('pve1').node.stop(131)
    await fabric.leadsTo(131, undefined)
    fabric.tree.move(131, 'pve2')
    await fabric.start('pve2', 131)
    await fabric.leadsTo(131, 'pve2')
    await fabric.hasForgotten('pve1', 131)
    await fabric.pings(131)
  })

  test('a container that reboots by itself, its link made anew, is announced again', async () => {
    await fabric.at('pve2').node.stop(131)
    await fabric.start('pve2', 131)
    await fabric.leadsTo(131, 'pve2')
    await fabric.pings(131)
  })

  test('HA: a dead node is forgotten within seconds, and its guest announced where it is started again', async () => {
    fabric.write('pve1', 132)
    await fabric.start('pve1', 132)
    await fabric.leadsTo(132, 'pve1')
    // The node is gone for the network, all at once, with graceful restart agreed on: BFD tells.
    await fabric.at('pve1').node.ip(['link set up0 down'])
    await fabric.leadsTo(132, undefined)
    fabric.tree.move(132, 'pve2')
    await fabric.start('pve2', 132)
    await fabric.leadsTo(132, 'pve2')
    await fabric.pings(132)
  })
})
