import { setTimeout as pause } from 'node:timers/promises'
import { withRawClient } from '../../lab/clients/raw.ts'
import { withRawClient6 } from '../../lab/clients6/raw.ts'
import type { Family } from '../../src/core/values/family.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { clientOf, everyoneOffered } from '../offers.ts'
import { familyOf, memoryOf, programOf } from '../processes.ts'
import { agentWith, predecessor, serving } from '../service.ts'
import { rounded } from '../statistics.ts'
import type { World } from '../world.ts'

/** All that runs so that every guest has its address. */
export const memory: Benchmark<World> = {
  name: 'memory',
  measures: 'memory of all that runs, PSS',
  unit: 'MB',
  bar: 130,
  guestnet: world => serving(agentWith(), world, agent => measureAgent(world, agent.pid)),
  predecessor: world => serving(predecessor, world, process => measurePredecessor(world, process.pid)),
}

const KEA = 'kea-dhcp4'

const EDITS = 40

/** After some edits, since a node in use is what matters, and garbage is memory too. */
async function measureAgent(world: World, pid: number): Promise<Measurement> {
  await everyoneLeased(world, ['ipv4', 'ipv6'])
  const fresh = memoryOf(familyOf(pid)).pss
  for (const vmid of world.running.slice(0, EDITS)) {
    world.editAddress(vmid)
    await pause(300)
  }
  await pause(5000)
  const family = familyOf(pid)
  const parts = family.map(member => {
    const { pss, rss } = memoryOf([member])
    return `${programOf(member)} ${rounded(pss)} (${rounded(rss)} resident)`
  })
  return {
    value: memoryOf(family).pss,
    notes: [`before the edits ${rounded(fresh)} MB; after: ${parts.join(', ')}`],
  }
}

/** Its Keas alone, in favour of it: what kept them was a program too. What they share is there once however many run. */
async function measurePredecessor(world: World, pid: number): Promise<Measurement> {
  await everyoneLeased(world, ['ipv4'])
  const keas = familyOf(pid).filter(member => programOf(member) === KEA)
  const { pss, rss, own } = memoryOf(keas)
  const value = (own / keas.length) * world.configured.length + (pss - own)
  const each = `${rounded(pss / keas.length)} MB PSS, ${rounded(rss / keas.length)} MB resident each`
  return {
    value,
    notes: [`${keas.length} Keas measured: ${each}; extrapolated to ${world.configured.length}`],
  }
}

/** Every guest has leased, and what was needed only for that is over. */
async function everyoneLeased(world: World, families: readonly Family[]): Promise<void> {
  await everyoneOffered(world)
  for (const vmid of world.running) {
    const port = world.node.guest(vmid).port()
    await withRawClient(port, client => client.exchange())
    if (families.includes('ipv6')) await withRawClient6(port, client => client.lease(clientOf(port)))
  }
  await pause(5000)
}
