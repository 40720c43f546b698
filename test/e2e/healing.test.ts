import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { createWorld, macOf, reportOf, runAgent, served, vm, type World } from './world.ts'

let world: World
const GUESTS = [100, 101, 102]

beforeAll(async () => {
  world = await createWorld({ prefix: 'heal' })
  for (const vmid of GUESTS) {
    world.tree.write(
      'pve1',
      'qemu',
      vmid,
      vm(vmid, { ip: `192.0.2.${vmid}/24`, gw: '192.0.2.1', net: ',firewall=1' }),
    )
  }
  await world.node.startAll(GUESTS)
  await nft('table netdev others {', 'set mine { type ipv4_addr; }', '}')
  await runAgent(world)
  await served(world, ...GUESTS)
})
afterAll(() => world?.lab.close())

/** Every guest is answered again, and guestnet has nothing left to do. */
async function healed() {
  for (const vmid of GUESTS) {
    await withRawClient(world.node.guest(vmid).port(), async client => {
      const probe = await client.probe({ everyMs: 100, timeoutMs: 12_000 })
      if (probe?.lease.address !== `192.0.2.${vmid}`) throw new Error(`${vmid}\n${await world.lab.dump()}`)
    })
  }
  await reportOf(world, ({ servers, nics }) => {
    const isServed = nics.filter(({ state }) => state === 'served').length === GUESTS.length
    return isServed && servers.length === 1 && servers.every(({ state }) => state === 'answering')
  })
}

async function keaPid(): Promise<number> {
  const { servers } = await reportOf(world, report => report.servers.some(({ pid }) => pid !== undefined))
  return servers[0]?.pid ?? 0
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
  test('kills Kea', async () => {
    process.kill(await keaPid(), 'SIGKILL')
    await healed()
  })

  test('stops Kea without killing it', async () => {
    const pid = await keaPid()
    process.kill(pid, 'SIGSTOP')
    await eventually('another Kea serves', async () => (await keaPid()) !== pid, { timeoutMs: 15_000 })
    await healed()
  })

  test('removes Kea’s control socket', async () => {
    const pid = await keaPid()
    await world.node.run('rm', [`/proc/${pid}/root/run/kea/kea4-ctrl-socket`])
    await eventually('another Kea serves', async () => (await keaPid()) !== pid, { timeoutMs: 15_000 })
    await healed()
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

  test('deletes an element', async () => {
    await nft(`delete element ${table()} port_of { 0x${macOf(102).replaceAll(':', '')} }`)
    await healed()
  })

  test('sends requests into the void', async () => {
    await nft(`flush chain ${table()} server-1`)
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

test('other people’s tables stay as they are', async () => {
  expect(await world.node.run('nft', ['list', 'table', 'netdev', 'others'])).toContain('set mine')
})

test('what was healed is told', async () => {
  const { stdout } = await world.node.attempt('cat', [`${world.node.stateDir}/timeline.ndjson`])
  expect(stdout).toContain('create the nftables table')
  expect(stdout).toContain('start Kea dhcp4-1')
})
