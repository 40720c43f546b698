import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { substitute } from '../../lab/substitute.ts'
import { askArrival } from '../../src/agent/askArrival.ts'
import { vmidOf } from '../builders.ts'
import { type AgentReport, Fabric } from './fabric.ts'

/** pve2 has no guest, and whatever would answer guests there does not begin before the test says so. */
let fabric: Fabric
let gate: string
let begun: string

beforeAll(async () => {
  fabric = await Fabric.create('first', { agents: false })
  const folder = fabric.lab.folder('gate')
  gate = join(folder, 'open')
  begun = join(folder, 'begun')
  // By whomever each runs as.
  writeFileSync(begun, '')
  chmodSync(begun, 0o666)
  const wait = `echo "$0" >>${begun}; while ! [ -e ${gate} ]; do sleep 0.02; done`
  const { node } = fabric.at('pve2')
  for (const kea of ['kea-dhcp4', 'kea-dhcp6']) await substitute(node, kea, `${wait}; exec $real "$@"`)
  // Its exe is to be perl, whoever it is run by.
  await substitute(node, 'perl', `case "$*" in *advertiser*) ${wait};; esac; exec $real "$@"`)
  for (const name of ['pve1', 'pve2']) fabric.startAgent(name)
  await fabric.report('pve2', ({ announcing }) => announcing?.peers.some(({ isUp }) => isUp) === true)
})
afterAll(() => fabric?.lab.close())

const starts = () => readFileSync(begun, 'utf8').trim().split('\n').filter(Boolean).length
const statesOf = ({ servers, advertising, nics }: AgentReport) => [
  ...servers.map(({ state }) => state),
  advertising?.advertiser.state,
  ...nics.filter(({ vmid }) => vmid === 100).map(({ state }) => state),
]

/**
 * What is to be seen while nothing answers yet: at once, since what does not come up within 15 s is begun anew. The agent is asked as the
 * hook asks it, which itself waits for two seconds in all, and Node.js may take those to begin, beside other tests.
 */
async function seenMeanwhile() {
  const { node } = fabric.at('pve2')
  const [arrival, report, { stdout: table }] = await Promise.all([
    askArrival(node, vmidOf(100), 'converge', 10_000),
    fabric.report('pve2', ({ announcing }) =>
      Boolean(announcing?.announcements.every(({ exportedTo = [] }) => exportedTo.length > 0)),
    ),
    node.attempt('nft', ['list', 'table', 'netdev', node.agentName]),
    fabric.pings(100),
  ])
  return { arrival, report, table, starts: starts() }
}

describe('a node whose first guest arrives by migration', () => {
  const nobodyYet = ['starting', 'starting', 'starting', 'pending', 'pending']
  let meanwhile: Awaited<ReturnType<typeof seenMeanwhile>>

  test('is led to at the rename, while nothing that is to answer the guest there does', async () => {
    fabric.write('pve1', 100)
    await fabric.start('pve1', 100)
    await fabric.leadsTo(100, 'pve1')
    await fabric.start('pve2', 100)
    await eventually('all that is to answer guests begins', () => starts() === 3, {
      dump: () => fabric.lab.dump(),
    })
    fabric.tree.move(100, 'pve2')
    await fabric.leadsTo(100, 'pve2')
    await fabric.at('pve1').node.stop(100)
    meanwhile = await seenMeanwhile()
    writeFileSync(gate, '')
    expect(statesOf(meanwhile.report)).toEqual(nobodyYet)
    expect(meanwhile.report.problems).toEqual([])
    expect(meanwhile.starts).toBe(3)
  })

  test('tells the hook what there is, and what is to come', () => {
    expect(meanwhile.arrival).toEqual({
      kind: 'value',
      value: {
        isDone: false,
        text: expect.stringMatching(
          /^VM 100 net0 not served 203\.0\.113\.100 and 2001:db8:a::100 yet, announced .* to /,
        ),
      },
    })
  })

  test('takes nothing from its port meanwhile: another server on its network would be heard', () => {
    expect(meanwhile.table).toContain('table netdev')
    expect(meanwhile.table).not.toContain('server dhcp')
  })

  test('serves it as soon as there is who answers, each begun once', async () => {
    await fabric.report('pve2', report =>
      statesOf(report).every(state => state === 'answering' || state === 'served'),
    )
    const offered = await withRawClient(fabric.at('pve2').node.guest(100).port(), client => client.exchange())
    expect(offered?.address).toBe('203.0.113.100')
    // Besides, one of each family that stands by.
    await eventually('there is nothing more to start', () => starts() === 5, {
      dump: () => fabric.lab.dump(),
    })
  })

  test('goes back to the one that has none any more', async () => {
    await fabric.hasForgotten('pve1', 100)
    await fabric.migrate(100, 'pve2', 'pve1')
    await fabric.hasForgotten('pve2', 100)
    await fabric.pings(100)
  })
})
