import { type AnnouncingWorld, announcing, hooked } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'

/** The kernel goes through the rules one by one, for every packet. */
export const rules: Benchmark<AnnouncingWorld> = {
  name: 'rules',
  measures: 'rules on a node with one announced network, both families',
  unit: 'rules',
  bar: 4,
  guestnet: world => announcing(world, () => measure(world)),
  predecessor: world => hooked(world, () => measure(world)),
}

/** Without those of every namespace: local, main and default for IPv4, local and main for IPv6. */
const OF_THE_KERNEL = 5

async function measure({ first, guests }: AnnouncingWorld): Promise<Measurement> {
  const families = await Promise.all(['-4', '-6'].map(family => first.ipJson(family, 'rule')))
  return { value: families.flat().length - OF_THE_KERNEL, notes: [`${guests.length} guests`] }
}
