import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

/** Two guests that want the same IPv4 address. */
const HOLDER = 100
const CLONE = 356
const ADDRESS = '203.0.113.100'

let fabric: Fabric

beforeAll(async () => {
  fabric = await Fabric.create('contest')
})
afterAll(() => fabric?.lab.close())

/** Where the router sends the address, told each time that changes, until `done`. */
async function hopsUntil(done: Promise<unknown>): Promise<(string | undefined)[]> {
  let isDone = false
  const ending = done.finally(() => {
    isDone = true
  })
  const hops: (string | undefined)[] = []
  while (!isDone) {
    const hop = await fabric.router.nextHop(ADDRESS)
    if (hops.length === 0 || hops.at(-1) !== hop) hops.push(hop)
  }
  await ending
  return hops
}

/** While a guest starts, that is why its address is not announced, whoever holds it. */
const WHILE_IT_STARTS = ['port-missing', 'port-down', 'not-settled']

/** Waits until a node tells of a started guest's address that it is not announced; the code of the reason. */
async function withheld(name: string, vmid: number): Promise<string | undefined> {
  const codeOf = (report: Awaited<ReturnType<Fabric['report']>>) =>
    report.announcing?.withheld.find(one => one.vmid === vmid && one.address === ADDRESS)?.refusal.code
  const isTold = (code: string | undefined) => code !== undefined && !WHILE_IT_STARTS.includes(code)
  return codeOf(await fabric.report(name, report => isTold(codeOf(report))))
}

async function leadsTo(name: string | undefined): Promise<void> {
  await fabric.leadsOf(ADDRESS, name)
}

describe('a running guest’s address', () => {
  test('is not taken by a clone that starts on another node, not for a moment', async () => {
    fabric.write('pve1', HOLDER)
    await fabric.start('pve1', HOLDER)
    await leadsTo('pve1')
    fabric.write('pve2', CLONE)
    const starting = fabric.start('pve2', CLONE).then(() => withheld('pve2', CLONE))
    expect(await hopsUntil(starting)).toEqual([fabric.hop('pve1')])
    expect(await starting).toBe('held-by-another')
  })

  test('is not offered to the clone either', async () => {
    const report = await fabric.report('pve2', ({ nics }) => nics.some(({ vmid }) => vmid === CLONE))
    expect(report.nics.find(({ vmid }) => vmid === CLONE)).toMatchObject({
      state: 'refused',
      refusal: { code: 'held-by-another' },
    })
    expect(report.problems.map(({ code, vmid }) => [code, vmid])).toContainEqual(['address-duplicate', CLONE])
  })

  test('is kept through the guest’s own reboot', async () => {
    const rebooting = fabric
      .at('pve1')
      .node.stop(HOLDER)
      .then(() => leadsTo(undefined))
      .then(() => fabric.start('pve1', HOLDER))
      .then(() => leadsTo('pve1'))
    expect(await hopsUntil(rebooting)).not.toContain(fabric.hop('pve2'))
  })

  test('is kept through a migration', async () => {
    await fabric.start('pve2', HOLDER)
    fabric.tree.move(HOLDER, 'pve2')
    await leadsTo('pve2')
    expect(await withheld('pve2', CLONE)).toBe('held-by-another')
    await fabric.at('pve1').node.stop(HOLDER)
    fabric.tree.move(HOLDER, 'pve2')
  })

  test('goes to the clone when the guest is stopped and asked to let go', async () => {
    const { node } = fabric.at('pve2')
    await node.stop(HOLDER)
    await leadsTo(undefined)
    const { stdout } = await guestnet(node, 'release', String(HOLDER))
    expect(stdout).toContain(`${ADDRESS} in vmbr0`)
    await leadsTo('pve2')
    await fabric.start('pve2', HOLDER)
    expect(await withheld('pve2', HOLDER)).toBe('held-by-another')
    await leadsTo('pve2')
  })

  test('goes to the other one after the time of grace', async () => {
    fabric.tree.policy(`conflicts: {grace: 2s}\n${ANNOUNCING}`)
    const { node } = fabric.at('pve2')
    await node.stop(CLONE)
    await leadsTo('pve2')
    const report = await fabric.report(
      'pve2',
      ({ announcing }) => announcing?.announcements.some(({ vmid }) => vmid === HOLDER) === true,
    )
    expect(report.announcing?.announcements.map(({ vmid }) => vmid)).not.toContain(CLONE)
  })
})

test('of two guests that start at the same moment on two nodes one has the address, and both nodes say the same', async () => {
  const [first, second] = [HOLDER + 1, CLONE + 1]
  const address = ADDRESS.replace(/100$/, '101')
  fabric.write('pve1', first)
  fabric.write('pve2', second)
  await Promise.all([fabric.start('pve1', first), fabric.start('pve2', second)])
  const announcers = async () => {
    const reports = await Promise.all(
      ['pve1', 'pve2'].map(name =>
        fabric.report(name, ({ announcing }) =>
          [...(announcing?.announcements ?? []), ...(announcing?.withheld ?? [])].some(
            one => one.vmid === first || one.vmid === second,
          ),
        ),
      ),
    )
    return reports.flatMap(({ announcing }) =>
      (announcing?.announcements ?? [])
        .filter(({ prefix }) => prefix === `${address}/32`)
        .map(({ vmid }) => vmid),
    )
  }
  const seen = new Set<string>()
  const look = async () => {
    const told = (await announcers()).join(' ')
    seen.add(told)
    return told
  }
  await eventually('one of them has the address', look, { timeoutMs: 60_000 })
  for (let more = 0; more < 20; more++) await look()
  const told = [...seen].filter(Boolean)
  expect(told).toHaveLength(1)
  expect([String(first), String(second)]).toContain(told[0])
})
