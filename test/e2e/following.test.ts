import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inText } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { AnnouncingReport } from '../../src/core/report/announcing.ts'
import { addressOf, Fabric } from './fabric.ts'

/** BIRD follows guests' ports by itself: nothing of guestnet's runs between the port and the router. */

let fabric: Fabric

beforeAll(async () => {
  fabric = await Fabric.create('follow')
  for (const vmid of [100, 101, 102]) fabric.write('pve1', vmid)
  fabric.tree.edit(100, text => text.replace('bridge=vmbr0', 'bridge=vmbr0,firewall=1'))
  fabric.writeContainer('pve1', 103)
  await isOnStandby('pve1', 100, 101, 102, 103)
})
afterAll(() => fabric?.lab.close())

async function isOnStandby(name: string, ...vmids: readonly number[]): Promise<void> {
  await fabric.report(name, ({ announcing }) => vmids.every(vmid => standbyOf(announcing, vmid).length === 2))
}

function standbyOf(announcing: AnnouncingReport | undefined, vmid: number): string[] {
  return (announcing?.standby ?? []).flatMap(entry => (entry.vmid === vmid ? [entry.prefix] : []))
}

/** What the router has from a node. */
async function toldBy(name: string): Promise<string> {
  return await fabric.router.birdc('show', 'route', 'all', 'protocol', `node${fabric.at(name).number}`)
}

/** A node's ways to guests, of both families. */
async function waysOn(name: string): Promise<string> {
  const { node } = fabric.at(name)
  return await node.run('sh', ['-c', 'ip route show table 100; ip -6 route show table 100'])
}

async function hasWay(name: string, vmid: number): Promise<boolean> {
  const ways = await waysOn(name)
  const has = Object.values(addressOf(vmid)).map(cidr => ways.includes(`${cidr.replace(/\/.*/, '')} `))
  return has.some(Boolean)
}

async function isWithdrawn(name: string, vmid: number): Promise<void> {
  await fabric.leadsTo(vmid, undefined)
  await eventually(`${name} has no way to ${vmid}`, async () => !(await hasWay(name, vmid)), {
    dump: () => fabric.lab.dump(),
  })
}

describe('a guest that is stopped', () => {
  test('is neither announced nor routed, and explain tells what it waits for', async () => {
    expect(await toldBy('pve1')).not.toContain('203.0.113.')
    expect(await hasWay('pve1', 101)).toBe(false)
    const { stdout } = await inText(fabric.at('pve1').node, ['explain', '101'])
    expect(stdout).toContain('BIRD announces 203.0.113.101/32 by itself as soon as tap101i0 is up')
  })

  test('is not on standby while it is backed up: its port then belongs to a QEMU that never runs', async () => {
    fabric.tree.edit(102, text => `${text}lock: backup\n`)
    await fabric.report('pve1', ({ announcing }) => standbyOf(announcing, 102).length === 0)
    const before = await fabric.router.updates(1)
    await fabric.start('pve1', 102)
    await fabric.report('pve1', ({ nics }) =>
      nics.some(({ vmid, state }) => vmid === 102 && state === 'served'),
    )
    expect(await fabric.router.updates(1)).toBe(before)
    await fabric.at('pve1').node.stop(102)
    fabric.tree.edit(102, text => text.replace('lock: backup\n', ''))
    await isOnStandby('pve1', 102)
  })

  test('is not on standby while another guest anywhere wants its address', async () => {
    fabric.tree.edit(102, text => text.replaceAll('203.0.113.102', '203.0.113.101'))
    await fabric.report('pve1', ({ announcing }) =>
      [101, 102].every(vmid => !standbyOf(announcing, vmid).includes('203.0.113.101/32')),
    )
    fabric.tree.edit(102, text => text.replaceAll('203.0.113.101', '203.0.113.102'))
    await isOnStandby('pve1', 101, 102)
  })

  test('takes its announcement along when its file moves', async () => {
    fabric.tree.move(102, 'pve2')
    await isOnStandby('pve2', 102)
    await fabric.report('pve1', ({ announcing }) => standbyOf(announcing, 102).length === 0)
  })
})

describe('while the agent is dead', () => {
  beforeAll(() => fabric.endAgent('pve1'))

  test.each([
    ['a VM', 101],
    ['a container', 103],
  ])('%s that starts is announced and reached, and withdrawn when it stops', async (_, vmid) => {
    // The second time its link is made anew, under the same name.
    for (let time = 0; time < 2; time++) {
      await fabric.start('pve1', vmid)
      await fabric.leadsTo(vmid, 'pve1')
      await fabric.pings(vmid)
      await fabric.at('pve1').node.stop(vmid)
      await isWithdrawn('pve1', vmid)
    }
  })

  test('a port behind a firewall bridge that is down is withdrawn, and announced again when it is up', async () => {
    const { node } = fabric.at('pve1')
    await fabric.start('pve1', 100)
    await fabric.leadsTo(100, 'pve1')
    await node.ip(['link set tap100i0 down'])
    await isWithdrawn('pve1', 100)
    await node.ip(['link set tap100i0 up'])
    await fabric.leadsTo(100, 'pve1')
  })

  test('the next agent has nothing to tell BIRD, and the router hears nothing', async () => {
    const before = await toldBy('pve1')
    const updates = await fabric.router.updates(1)
    fabric.startAgent('pve1')
    await fabric.report(
      'pve1',
      ({ agent, announcing }) =>
        agent &&
        announcing?.announcements.some(({ vmid, exportedTo }) => vmid === 100 && exportedTo?.length === 1) ===
          true,
    )
    expect(await toldBy('pve1')).toBe(before)
    expect(await fabric.router.updates(1)).toBe(updates)
  })
})

test('a guest that comes back to a node whose agent is dead is not taken from where it runs before its file is there', async () => {
  fabric.write('pve2', 110)
  await isOnStandby('pve2', 110)
  await fabric.endAgent('pve2')
  // Arrivals are told in seconds.
  const left = Math.floor(Date.now() / 1000)
  await eventually('the next second', async () => Date.now() / 1000 > left + 1)
  fabric.tree.move(110, 'pve1')
  await isOnStandby('pve1', 110)
  await fabric.start('pve1', 110)
  await fabric.leadsTo(110, 'pve1')
  // The port of a migration that is under way. Nobody is left there to take the announcement back.
  await fabric.start('pve2', 110)
  await eventually('pve2 announces it, too', async () => (await toldBy('pve2')).includes('203.0.113.110/32'))
  await fabric.leadsTo(110, 'pve1')
  await fabric.pings(110)
})
