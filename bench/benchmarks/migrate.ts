import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../../lab/eventually.ts'
import { lostBesides, type Migrated, migrate as migrateLive } from '../../lab/migration.ts'
import { type Ping, Pings } from '../../lab/pings.ts'
import { WORLD } from '../../lab/router.ts'
import { tracesOf } from '../../lab/traces.ts'
import { type AnnouncedGuest, memoryOf } from '../announced.ts'
import { type AnnouncingWorld, announcing, FIRST, hooked, SECOND } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { once } from '../once.ts'
import { describeSamples, percentile, sum } from '../statistics.ts'

/** A guest migrates back and forth. */
export const migrate: Benchmark<AnnouncingWorld> = {
  name: 'migrate',
  measures: 'configuration renamed → next hops moved at the router, IPv4 and IPv6, p95',
  unit: 'ms',
  bar: 300,
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
  guestnet: async world => stale(await migrations(world)),
  predecessor: measureHooks,
}

interface Migrations {
  readonly all: readonly Migrated[]
  /** From the rename, milliseconds. */
  readonly ipv4: readonly number[]
  readonly ipv6: readonly number[]
  readonly pings: { readonly ipv4: readonly Ping[]; readonly ipv6: readonly Ping[] }
  /** What was found where the guest was not, most of it at one time. */
  readonly stale: readonly string[]
}

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
  let leftovers: readonly string[] = []
  for (let number = 0; number < world.migrations; number++) {
    const [from, to] = number % 2 === 0 ? [first, second] : [second, first]
    const there = to === first ? FIRST : SECOND
    const arrivals = [guest.ipv4, guest.ipv6].map(address => world.routes.leadTo([address], there))
    const plan = {
      vmid: guest.vmid,
      from,
      to,
      memory: memoryOf(guest),
      copy: () => pause(randomInt(1000, 1500)),
    }
    const [migrated, at4 = 0, at6 = 0] = await Promise.all([migrateLive(plan), ...arrivals])
    all.push(migrated)
    ipv4.push(at4 - migrated.renamedAt)
    ipv6.push(at6 - migrated.renamedAt)
    const left = await leftOn(from, guest)
    if (left.length > leftovers.length) leftovers = left
  }
  // The last answers are still on their way.
  await pause(500)
  const pings = { ipv4: await pings4.stop(), ipv6: await pings6.stop() }
  if (world.migrations % 2 === 1) world.tree.move(guest.vmid, first.name)
  return { all, ipv4, ipv6, pings, stale: leftovers }
}

/** What a node still has of the guest once it had time to clean up. */
async function leftOn(node: AnnouncingWorld['first'], guest: AnnouncedGuest): Promise<string[]> {
  const { ipv4, ipv6, mac, port } = guest
  let left: string[] = []
  const isClean = async () => {
    left = await tracesOf(node, [ipv4, ipv6, mac, port])
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

function stale({ all, stale: left }: Migrations): Measurement {
  return {
    value: left.length,
    notes: [`${all.length} migrations, looked after each`, ...left.map(line => `left: ${line.trim()}`)],
  }
}

/** No hook runs where a guest has migrated away from, so what the hook once made stays there. */
async function measureHooks(world: AnnouncingWorld): Promise<Measurement> {
  const [guest] = world.guests
  if (guest === undefined) throw new Error('nobody to migrate')
  return await hooked(world, async () => {
    await world.first.stop(guest.vmid)
    const left = await leftOn(world.first, guest)
    await world.first.start(guest.vmid)
    return { value: left.length, notes: ['one migration: what is left on the source, where no hook runs'] }
  })
}
