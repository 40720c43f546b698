import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { TYPE, withRawClient6 } from '../../lab/clients6/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabProcess } from '../../lab/process.ts'
import type { Report } from '../../src/core/report/report.ts'
import { createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

let world: World
let agent: LabProcess
const GUESTS = [100, 101, 102]
const DUID = Buffer.from('0002000000ab112233', 'hex')

beforeAll(async () => {
  world = await createWorld({ prefix: 'heal' })
  for (const vmid of GUESTS) {
    world.tree.write(
      'pve1',
      'qemu',
      vmid,
      vm(vmid, {
        ip: `192.0.2.${vmid}/24`,
        gw: '192.0.2.1',
        ip6: `2001:db8::${vmid}/64`,
        net: ',firewall=1',
      }),
    )
  }
  await world.node.startAll(GUESTS)
  await nft('table netdev others {', 'set mine { type ipv4_addr; }', '}')
  agent = await runAgent(world)
  await served(world, ...GUESTS)
})
afterAll(() => world?.lab.close())

/** Every guest is answered again in both families, and guestnet has nothing left to do. */
async function healed() {
  for (const vmid of GUESTS) {
    const port = world.node.guest(vmid).port()
    const asked = { everyMs: 100, timeoutMs: 12_000 }
    const addresses = await Promise.all([
      withRawClient(port, client => client.probe(asked)).then(probe => probe?.lease.address),
      withRawClient6(port, client => client.ask(TYPE.solicit, { duid: DUID }, asked)).then(
        told => told?.addresses[0],
      ),
    ])
    if (addresses.join() !== `192.0.2.${vmid},2001:db8::${vmid}`)
      throw new Error(`${vmid}: ${addresses}\n${await world.lab.dump()}`)
  }
  await reportOf(world, ({ servers, nics }) => {
    const isServed = nics.filter(({ state }) => state === 'served').length === 2 * GUESTS.length
    return isServed && servers.length === 2 && servers.every(({ state }) => state === 'answering')
  })
}

async function keaPid(number: 4 | 6): Promise<number> {
  const ofFamily = ({ server, pid }: Report['servers'][number]) =>
    server?.startsWith(`dhcp${number}-`) && pid !== undefined
  const { servers } = await reportOf(world, report => report.servers.some(ofFamily))
  return servers.find(ofFamily)?.pid ?? 0
}

/** The agent's child processes with this command line. */
function childrenRunning(command: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command
        const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
        return isOurs && readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes(world.node.agentName)
      } catch {
        return false
      }
    })
}

function nft(...commands: string[]) {
  return world.node.run('nft', ['-f', '-'], { input: `${commands.join('\n')}\n` })
}

const table = () => `netdev ${world.node.agentName}`

describe('guestnet heals what', () => {
  describe.each([4, 6] as const)('does to kea-dhcp%i:', number => {
    const another = (pid: number) =>
      eventually('another Kea serves', async () => (await keaPid(number)) !== pid, { timeoutMs: 15_000 })

    test('kills it', async () => {
      process.kill(await keaPid(number), 'SIGKILL')
      await healed()
    })

    test('stops it without killing it', async () => {
      const pid = await keaPid(number)
      process.kill(pid, 'SIGSTOP')
      await another(pid)
      await healed()
    })

    test('removes its control socket', async () => {
      const pid = await keaPid(number)
      await world.node.run('rm', [`/proc/${pid}/root/run/kea/kea${number}-ctrl-socket`])
      await another(pid)
      await healed()
    })
  })

  test('deletes the namespace’s name', async () => {
    const names = () => world.node.run('ip', ['netns', 'list'])
    const before = (await names()).split('\n')
    for (const line of before) await world.node.run('ip', ['netns', 'delete', line.split(' ')[0] ?? ''])
    await eventually('it has its name again', async () => (await names()).includes(world.node.agentName))
    await healed()
  })

  test('deletes the link to Kea', async () => {
    const links = await world.node.ipJson<{ ifname: string }>('link')
    const ours = links.map(({ ifname }) => ifname).filter(name => name.startsWith(world.node.agentName))
    expect(ours.length).toBeGreaterThan(0)
    for (const name of ours) await world.node.run('ip', ['link', 'delete', name])
    await healed()
  })

  test('deletes the nftables table', async () => {
    await nft(`delete table ${table()}`)
    await healed()
  })

  test('flushes the whole ruleset', async () => {
    await nft('flush ruleset')
    await healed()
    await nft('table netdev others {', 'set mine { type ipv4_addr; }', '}')
  })

  test('empties the chain of a port', async () => {
    await nft(`flush chain ${table()} tap101i0`)
    await healed()
  })

  test('deletes the chain of a port', async () => {
    await nft(`flush chain ${table()} tap101i0`, `delete chain ${table()} tap101i0`)
    await healed()
  })

  test('deletes an element of each family', async () => {
    await nft(
      `delete element ${table()} port_of { 0x${macOf(102).replaceAll(':', '')} }`,
      `delete element ${table()} port6_of { ${macOf(102)} }`,
    )
    await healed()
  })

  test.each(['server-1', 'dhcp6-1'])('sends requests into the void: %s', async chain => {
    await nft(`flush chain ${table()} ${chain}`)
    await healed()
  })

  test.each(['ip -o monitor link', 'nft monitor'])('ends %s', async command => {
    await eventually('it runs', () => childrenRunning(command).length === 1)
    const [pid = 0] = childrenRunning(command)
    process.kill(pid, 'SIGKILL')
    await nft(`delete table ${table()}`)
    await world.node.unplug(100, 0)
    await world.node.hotplug(100, 0)
    await healed()
    await eventually('it runs again', () => childrenRunning(command).some(other => other !== pid))
  })
})

test('the next agent takes over what it finds, of both families, and changes nothing', async () => {
  const keas = async () => [await keaPid(4), await keaPid(6)]
  const before = await keas()
  agent.signal('SIGKILL')
  await agent.exited
  for (const vmid of GUESTS) {
    const leased = await withRawClient6(world.node.guest(vmid).port(), client => client.lease({ duid: DUID }))
    expect(leased).toBe(`2001:db8::${vmid}`)
  }
  agent = await runAgent(world)
  await healed()
  expect(await keas()).toEqual(before)
  expect(await guestnet(world.node, 'plan')).toExitWith(0)
})

test('other people’s tables stay as they are', async () => {
  expect(await world.node.run('nft', ['list', 'table', 'netdev', 'others'])).toContain('set mine')
})

test('what was healed is told', async () => {
  const { stdout } = await world.node.attempt('cat', [`${world.node.stateDir}/timeline.ndjson`])
  expect(stdout).toContain('create the nftables table')
  expect(stdout).toContain('start Kea dhcp4-1')
  expect(stdout).toContain('start Kea dhcp6-1')
})
