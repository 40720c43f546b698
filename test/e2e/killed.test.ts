import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { announcingPolicy } from '../../lab/announcingPolicy.ts'
import { Changes } from '../../lab/changes.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { withRawClient6 } from '../../lab/clients6/raw.ts'
import { daemonPids, killIfThere } from '../../lab/daemons.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { markOf } from '../../src/core/routing/mark.ts'
import { Fabric } from './fabric.ts'

/**
 * Between two changes of a plan that touches everything there is, something is killed. Whatever was done by then, the next
 * agent makes intent, kernel, nftables, Kea and BIRD agree. KILL_EVERY=1 kills after each single change; by default a few are taken.
 */

let fabric: Fabric
let node: LabNode
let changes: Changes
/** The addresses are edited, the policy is another one. */
type Side = 'before' | 'after'
const GUESTS = [100, 101]
const GUARD = { before: 'on', after: 'report' } as const
const TABLE = { before: 100, after: 200 } as const
let side: Side = 'before'

const addressesOf = (vmid: number) => ({
  ipv4: `203.0.113.${vmid + (side === 'before' ? 0 : 50)}`,
  ipv6: `2001:db8:a::${vmid + (side === 'before' ? 0 : 50)}`,
})
const allAddresses = () => GUESTS.map(addressesOf).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])

beforeAll(async () => {
  fabric = await Fabric.create('killed', { nodes: ['pve1'], agents: false })
  node = fabric.at('pve1').node
  for (const vmid of GUESTS) fabric.write('pve1', vmid)
  writeSide()
  for (const vmid of GUESTS) await fabric.start('pve1', vmid)
  fabric.startAgent('pve1')
  changes = Changes.watch(node)
  await agrees()
})
afterAll(() => fabric?.lab.close())

/** Everything that is read is another: leases, tables, gateways, the guard's mode, both guests' addresses. */
function writeSide(): void {
  const policy = announcingPolicy()
    .replace('table: 100', `table: ${TABLE[side]}`)
    .replace('172.31.1.1', side === 'before' ? '172.31.1.1' : '172.31.1.2')
  const lease = side === 'before' ? '1h' : '2h'
  fabric.tree.policy(`${policy}dhcp: {lease: ${lease}}\nguard: {mode: ${GUARD[side]}}\n`)
  for (const vmid of GUESTS) {
    const { ipv4, ipv6 } = addressesOf(vmid)
    fabric.tree.edit(vmid, text =>
      text.replace(/ip=[0-9.]+/, `ip=${ipv4}`).replace(/ip6=[0-9a-f:]+/, `ip6=${ipv6}`),
    )
  }
}

function switchSide(): void {
  side = side === 'before' ? 'after' : 'before'
  writeSide()
}

/** Every guest is given its addresses, which also ends that it keeps the former ones. */
async function leased(): Promise<void> {
  for (const vmid of GUESTS) {
    const port = node.guest(vmid).port()
    const duid = Buffer.from([0, 3, 0, 1, ...Buffer.from(port.mac.replaceAll(':', ''), 'hex')])
    const { ipv4, ipv6 } = addressesOf(vmid)
    const isGiven = async () =>
      (await withRawClient(port, client => client.exchange({ timeoutMs: 1000 })))?.address === ipv4 &&
      (await withRawClient6(port, client => client.lease({ duid }))) === ipv6
    await eventually(`guest ${vmid} is given ${ipv4} and ${ipv6}`, isGiven, {
      timeoutMs: 40_000,
      everyMs: 100,
      dump: () => fabric.lab.dump(),
    })
  }
}

/** What each of those who do the work has; polled until it is what the files say, and nothing else. */
async function agrees(): Promise<void> {
  await leased()
  await eventually(
    `everything is as it should be ${side} the edits`,
    async () => {
      const plan = await guestnet(node, 'plan')
      if (plan.exitCode !== 0)
        throw new Error(`plan ends with ${plan.exitCode}: ${plan.stdout}${plan.stderr}`)
      expect(await routes()).toEqual(allAddresses().toSorted())
      expect(await neighbours()).toEqual(allAddresses().toSorted())
      expect(
        (await fabric.router.run('ip', ['-4', 'route', 'show', 'proto', 'bird'])).split('\n').length,
      ).toBe(GUESTS.length)
      for (const address of allAddresses())
        expect(await fabric.router.nextHop(address)).toBe(fabric.hop('pve1'))
      const report = JSON.parse((await guestnet(node, 'status')).stdout)
      expect(report).toMatchObject({ agent: true, problems: [], guard: { mode: GUARD[side] } })
      expect(report.servers).toMatchObject([{ state: 'answering' }, { state: 'answering' }])
      expect(report.nics.map(({ state }: { state: string }) => state)).toEqual(
        GUESTS.flatMap(() => ['served', 'served']),
      )
      // Of each family one that serves and a spare one; two that no Kea uses may be kept for the next.
      expect((await node.run('ip', ['netns', 'list'])).split('\n').length).toBeLessThanOrEqual(6)
      return true
    },
    { timeoutMs: 40_000, everyMs: 200, dump: () => fabric.lab.dump() },
  )
}

/** Those with guestnet's mark, whatever table they are in. */
async function routes(): Promise<string[]> {
  const of = (family: string) =>
    node.ipJson<{ dst: string; table?: string }>(
      family,
      'route',
      'show',
      'table',
      'all',
      'proto',
      String(markOf(node.agentName)),
    )
  const found = [...(await of('-4')), ...(await of('-6'))]
  expect(new Set(found.map(({ table }) => table))).toEqual(new Set([String(TABLE[side])]))
  return found.map(({ dst }) => dst).toSorted()
}

async function neighbours(): Promise<string[]> {
  const found = await node.ipJson<{ dst: string }>('neigh', 'show', 'nud', 'permanent', 'dev', 'vmbr0')
  return found
    .map(({ dst }) => dst)
    .filter(dst => !/^(?:ff|224\.)/.test(dst))
    .toSorted()
}

const VICTIMS = ['agent', 'kea-dhcp4', 'bird', 'kea-dhcp6'] as const
type Victim = (typeof VICTIMS)[number]

function kill(victim: Victim): void {
  if (victim === 'agent') fabric.at('pve1').agent?.signal('SIGKILL')
  else for (const pid of daemonPids(node.runDir, victim).slice(0, 1)) killIfThere(pid)
}

/** Switches, and calls back at each change; resolves when `isEnough`, or when nothing is left to be changed. */
async function switched(onChange: (heard: number) => void, isEnough = () => false): Promise<void> {
  changes.from(onChange)
  switchSide()
  await eventually(
    'nothing is left to be changed',
    async () => isEnough() || (await guestnet(node, 'plan')).exitCode === 0,
    { timeoutMs: 30_000, everyMs: 100, dump: () => fabric.lab.dump() },
  )
  changes.from(() => undefined)
}

/** Switches, and kills after so many changes; resolves when that has been done, or when there are fewer. */
async function killedAfter(count: number, victim: Victim): Promise<'killed' | 'too few changes'> {
  let isKilled = false
  await switched(
    heard => {
      if (heard !== count) return
      isKilled = true
      kill(victim)
    },
    () => isKilled,
  )
  if (isKilled && victim === 'agent') {
    await fabric.at('pve1').agent?.exited
    fabric.startAgent('pve1')
  }
  return isKilled ? 'killed' : 'too few changes'
}

/** How many changes there are when nothing is killed, without those of the guests' leasing. */
async function changesOfASwitch(): Promise<number> {
  let count = 0
  await switched(heard => {
    count = heard
  })
  await agrees()
  return count
}

test('whatever is killed between two changes, and whichever those are, everything agrees in the end', async () => {
  const all = Math.min(await changesOfASwitch(), await changesOfASwitch())
  const step = Number(process.env.KILL_EVERY) || Math.ceil(all / 10)
  let killed = 0
  for (let count = 1; count <= all; count += step) {
    // The agent each second time, the daemons in turn.
    const turn = Math.floor(count / step)
    const victim = turn % 2 === 0 ? 'agent' : (VICTIMS[1 + (Math.floor(turn / 2) % 3)] ?? 'agent')
    if ((await killedAfter(count, victim)) === 'killed') killed += 1
    await agrees()
  }
  expect(killed).toBeGreaterThan(5)
}, 3_600_000)
