import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../../lab/eventually.ts'
import {
  lostBesides,
  type Migrated,
  type MigrationPlan,
  migrate as migrateLive,
} from '../../lab/migration.ts'
import type { LabNode } from '../../lab/node.ts'
import { type Ping, Pings } from '../../lab/pings.ts'
import { WORLD } from '../../lab/router.ts'
import { tracesOf } from '../../lab/traces.ts'
import { monotonicMs } from '../../lab/wire.ts'
import { type AnnouncedGuest, memoryOf } from '../announced.ts'
import { type AnnouncingWorld, announcing, FIRST, hooked, SECOND } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { once } from '../once.ts'
import { progress } from '../progress.ts'
import { describeSamples, percentile, rounded, sum } from '../statistics.ts'

/** A guest migrates back and forth; in the last benchmark many do at once. */
export const migrate: Benchmark<AnnouncingWorld> = {
  name: 'migrate',
  measures: 'configuration renamed → next hops moved at the router, IPv4 and IPv6, p95',
  unit: 'ms',
  bar: 100,
  guestnet: async world => slowest(await migrations(world)),
}

export const migrateLoss: Benchmark<AnnouncingWorld> = {
  name: 'migrate-loss',
  measures:
    'pings lost in a migration besides those in the guest’s own pause, 10 a second, most of all migrations',
  unit: 'lost',
  bar: 1,
  guestnet: async world => lost(await migrations(world)),
}

export const migrateStale: Benchmark<AnnouncingWorld> = {
  name: 'migrate-stale',
  measures: 'objects of the guest on a node that it has left',
  unit: 'objects',
  bar: 0,
  guestnet: world => announcing(world, () => measureStale(world)),
  predecessor: measureHooks,
}

interface Migrations {
  readonly all: readonly Migrated[]
  /** From the rename, milliseconds. */
  readonly ipv4: readonly number[]
  readonly ipv6: readonly number[]
  readonly pings: { readonly ipv4: readonly Ping[]; readonly ipv6: readonly Ping[] }
}

/** Guests that migrate at the same time, where it is about what they leave behind. */
const AT_ONCE = 10

const migrations = once((world: AnnouncingWorld) => announcing(world, () => measure(world)))

async function measure(world: AnnouncingWorld): Promise<Migrations> {
  const { first, second, router, guests } = world
  const [guest] = guests
  if (guest === undefined) throw new Error('nobody to migrate')
  await first.guest(guest.vmid).ip(memoryOf(guest))
  const pings4 = Pings.start(router, { from: WORLD.ipv4, to: guest.ipv4 })
  const pings6 = Pings.start(router, { from: WORLD.ipv6, to: guest.ipv6 })
  const all: Migrated[] = []
  const ipv4: number[] = []
  const ipv6: number[] = []
  for (let number = 0; number < world.migrations; number++) {
    const [from, to] = number % 2 === 0 ? [first, second] : [second, first]
    const there = to === first ? FIRST : SECOND
    const arrivals = [guest.ipv4, guest.ipv6].map(address => world.routes.leadTo([address], there))
    const moving = migrateLive({ ...planOf(guest), from, to })
    const [migrated, at4 = 0, at6 = 0] = await Promise.all([moving, ...arrivals])
    all.push(migrated)
    ipv4.push(at4 - migrated.renamedAt)
    ipv6.push(at6 - migrated.renamedAt)
    // Nobody sends a guest back in the second in which it came.
    await pause(1000)
    if (all.length % 10 === 0) progress(`  ${all.length} of ${world.migrations} migrations`)
  }
  // The last answers are still on their way.
  await pause(500)
  const pings = { ipv4: await pings4.stop(), ipv6: await pings6.stop() }
  if (world.migrations % 2 === 1) world.tree.move(guest.vmid, first.name)
  return { all, ipv4, ipv6, pings }
}

/** `ip -batch` lines of what the guest has configured, and how long copying its memory takes. */
function planOf(guest: AnnouncedGuest): Pick<MigrationPlan, 'vmid' | 'memory' | 'copy'> {
  return { vmid: guest.vmid, memory: memoryOf(guest), copy: () => pause(randomInt(1000, 1500)) }
}

/** What nodes still had of guests that had left them, once they had time to clean up; and the longest it took. */
async function measureStale(world: AnnouncingWorld): Promise<Measurement> {
  const { first, second, tree } = world
  const moving = world.guests.slice(0, AT_ONCE)
  const rounds = Math.ceil(world.migrations / AT_ONCE)
  const stale: string[] = []
  let longest = 0
  for (let round = 0; round < rounds; round++) {
    const [from, to] = round % 2 === 0 ? [first, second] : [second, first]
    await Promise.all(moving.map(guest => migrateLive({ ...planOf(guest), from, to })))
    const begun = monotonicMs()
    stale.push(...(await leftOn(from, moving)))
    longest = Math.max(longest, monotonicMs() - begun)
    progress(`  ${(round + 1) * AT_ONCE} migrations, ${stale.length} stale objects`)
  }
  if (rounds % 2 === 1) for (const { vmid } of moving) tree.move(vmid, first.name)
  return {
    value: stale.length,
    notes: [
      `${rounds * AT_ONCE} migrations, ${AT_ONCE} at a time; looked for after each time, and gone ${rounded(longest)} ms after the last guest's port at the latest`,
      ...stale.slice(0, 10).map(line => `left: ${line.trim()}`),
    ],
  }
}

/** What a node still has of guests once it had time to clean up. */
async function leftOn(node: LabNode, guests: readonly AnnouncedGuest[]): Promise<string[]> {
  const words = guests.flatMap(({ ipv4, ipv6, mac, port }) => [ipv4, ipv6, mac, port])
  let left: string[] = []
  const isClean = async () => {
    left = await tracesOf(node, words)
    return left.length === 0
  }
  await eventually(`${node.name} has cleaned up`, isClean, { timeoutMs: 2000 }).catch(() => undefined)
  return left
}

function slowest({ all, ipv4, ipv6 }: Migrations): Measurement {
  return {
    value: Math.max(percentile(ipv4, 0.95), percentile(ipv6, 0.95)),
    notes: [
      `IPv4, ${describeSamples(ipv4, 'ms')}`,
      `IPv6, ${describeSamples(ipv6, 'ms')}`,
      `the guest's own pause, ${describeSamples(
        all.map(({ pausedAt, resumedAt }) => resumedAt - pausedAt),
        'ms',
      )}`,
    ],
  }
}

/** Each ping counts for the migration that it is nearest to. */
function lost({ all, pings }: Migrations): Measurement {
  const perMigration = all.flatMap((migrated, index) => {
    const begin = all[index - 1]?.resumedAt ?? Number.NEGATIVE_INFINITY
    const end = all[index + 1]?.pausedAt ?? Number.POSITIVE_INFINITY
    const middle = (one: number, other: number) => (Number.isFinite(one) ? (one + other) / 2 : one)
    const isNear = ({ sentAt }: Ping) =>
      sentAt >= middle(begin, migrated.pausedAt) && sentAt < middle(end, migrated.resumedAt)
    return [pings.ipv4, pings.ipv6].map(family => lostBesides(migrated, family.filter(isNear)))
  })
  const sent = pings.ipv4.length + pings.ipv6.length
  const unanswered = [...pings.ipv4, ...pings.ipv6].filter(({ answered }) => !answered).length
  return {
    value: Math.max(...perMigration),
    notes: [
      `${all.length} migrations: of ${sent} pings ${unanswered} were lost, ${sum(perMigration)} of them besides the guest's own pauses`,
    ],
  }
}

/** No hook runs where a guest has migrated away from, so what the hook once made stays there. */
async function measureHooks(world: AnnouncingWorld): Promise<Measurement> {
  const [guest] = world.guests
  if (guest === undefined) throw new Error('nobody to migrate')
  return await hooked(world, async () => {
    await world.first.stop(guest.vmid)
    const left = await leftOn(world.first, [guest])
    await world.first.start(guest.vmid)
    return { value: left.length, notes: ['one migration: what is left on the source, where no hook runs'] }
  })
}
