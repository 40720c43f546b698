import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import type { Lab } from '../lab/lab.ts'
import { errorText } from '../src/os/errorText.ts'
import { type AnnouncingWorld, asServed, createAnnouncingWorld } from './announcingWorld.ts'
import { type Benchmark, compare, type Measurement, type Result } from './benchmark.ts'
import { announce, withdraw } from './benchmarks/announce.ts'
import { announceAll } from './benchmarks/announceAll.ts'
import { churn } from './benchmarks/churn.ts'
import { coldStart } from './benchmarks/coldStart.ts'
import { edit, edit6, editPolled } from './benchmarks/edit.ts'
import { eventCpu } from './benchmarks/eventCpu.ts'
import { flood } from './benchmarks/flood.ts'
import { forward } from './benchmarks/forward.ts'
import { guard } from './benchmarks/guard.ts'
import { guardPort } from './benchmarks/guardPort.ts'
import { hookCpu } from './benchmarks/hookCpu.ts'
import { idle } from './benchmarks/idle.ts'
import { loss, loss6 } from './benchmarks/loss.ts'
import { memory } from './benchmarks/memory.ts'
import { migrate, migrateLoss, migrateStale } from './benchmarks/migrate.ts'
import { page } from './benchmarks/page.ts'
import { pageIdle } from './benchmarks/pageIdle.ts'
import { port, port6, portRouter } from './benchmarks/port.ts'
import { restart } from './benchmarks/restart.ts'
import { rules } from './benchmarks/rules.ts'
import { createGuardWorld, type GuardWorld } from './guardWorld.ts'
import { addressesOf, clusterOf, guestsOf, migrationsOf, minutesOf, sizesOf } from './numbers.ts'
import { plot } from './plot.ts'
import { runPredecessor } from './predecessor.ts'
import { progress } from './progress.ts'
import { describe, settingOf } from './report.ts'
import { measureScale, QUANTITIES, type Quantity } from './scale.ts'
import { rounded } from './statistics.ts'
import { createWorld, type World } from './world.ts'

/** Benchmarks that share a simulated world, one for each side. */
interface Suite<W extends { readonly lab: Lab }> {
  /** What is in the world, in words. */
  readonly world: string
  readonly create: (who: 'guestnet' | 'predecessor') => Promise<W>
  readonly benchmarks: readonly Benchmark<W>[]
  /** Whether the world is one that the predecessor cannot serve. */
  readonly isOursAlone?: boolean
}

const SERVING: readonly Benchmark<World>[] = [
  port,
  port6,
  portRouter,
  edit,
  edit6,
  editPolled,
  memory,
  idle,
  coldStart,
  loss,
  loss6,
  flood,
  churn,
  guardPort,
]
const ANNOUNCING: readonly Benchmark<AnnouncingWorld>[] = [
  announce,
  withdraw,
  eventCpu,
  hookCpu,
  restart,
  rules,
  migrate,
  migrateLoss,
  migrateStale,
]
const GUARDING: readonly Benchmark<GuardWorld>[] = [guard]
const CROWD: readonly Benchmark<AnnouncingWorld>[] = [announceAll, forward, page, pageIdle]

/** How many Keas of the predecessor's run: enough to tell what one more costs. */
const PREDECESSOR_RUNNING = 20
/** Guests on the node of the benchmarks of announcing, and of those about very many. */
const ANNOUNCED = 300
const CROWD_SIZE = 1000

interface Options {
  readonly guests: number
  readonly cluster: number
  readonly addresses: number
  readonly migrations: number
  readonly minutes: number
  readonly output: 'text' | 'json'
  readonly list?: true
  readonly plot?: true
  readonly sizes: readonly number[]
}

const program = new Command('npm run bench --')
  .description('Measures guestnet and the way its predecessors work, on the same simulated nodes.')
  .usage('[options] [name...]')
  .argument('[name...]', 'which benchmarks; all but long ones if none is named')
  .option('--list', 'say which there are')
  .option('--plot', 'measure nodes of several sizes, and draw docs/images/scale-*.svg')
  .option('--sizes <n,...>', 'with --plot: what the node announces', sizesOf, [10, 100, 1000, 5000, 10_000])
  .option('--guests <n>', 'guests on the node that are served', guestsOf, 300)
  .option('--cluster <n>', 'guests in the cluster, those of the node included', clusterOf, 0)
  .option(
    '--addresses <n>',
    'addresses and prefixes that the node announces, of its guests; 0: two of each',
    addressesOf,
    0,
  )
  .option('--migrations <n>', 'migrations back and forth', migrationsOf, 50)
  .option('--minutes <n>', 'how long churn goes on', minutesOf, 30)
  .addOption(new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text'))
  .showHelpAfterError('(add --help for the options)')
  .addHelpText(
    'after',
    `
Exit status: 0 every bar is kept, 1 one is missed or something failed. Progress goes to standard error.

Examples:
  npm run bench
  npm run bench -- port edit
  npm run bench -- --guests 50 cold-start
  npm run bench -- --cluster 5000 idle event-cpu
  npm run bench -- --minutes 5 churn
  npm run bench -- --addresses 10000 port edit announce withdraw
  npm run bench -- --migrations 1000 migrate-stale
  npm run bench -- --plot --sizes 10,100
  npm run --silent bench -- --output json > results.json`,
  )
  .action(async (names: string[], options: Options) => {
    const all = [...SERVING, ...ANNOUNCING, ...CROWD, ...GUARDING]
    const unknown = names.filter(name => !all.some(benchmark => benchmark.name === name))
    if (unknown.length > 0)
      program.error(`no benchmark is called ${unknown.join(', ')}; --list says which are`)
    if (options.list) print(all.map(({ name, measures }) => `${name}: ${measures}`).join('\n'))
    else if (options.plot) await drawScale(options.sizes)
    else await bench(names, options)
  })

program
  .command('predecessor <pve-root> <node> <dir>', { hidden: true })
  .action((pveRoot: string, node: string, dir: string) => runPredecessor({ pveRoot, node, dir }))

program.parseAsync().catch((error: unknown) => {
  progress(errorText(error))
  process.exit(1)
})

async function bench(
  names: readonly string[],
  { guests, cluster, addresses, migrations, minutes, output }: Options,
): Promise<void> {
  const chosen = <B extends { readonly name: string; readonly isLong?: true }>(benchmarks: readonly B[]) =>
    benchmarks.filter(({ name, isLong }) => (names.length === 0 ? !isLong : names.includes(name)))
  const results = [
    ...(await compareAll({
      world: `a node with ${guests} guests`,
      create: async who =>
        addresses > 0
          ? asServed(await createAnnouncingWorld({ guests, cluster, addresses, migrations }))
          : createWorld({
              guests,
              cluster,
              churnMinutes: minutes,
              ...(who === 'predecessor' && { running: Math.min(PREDECESSOR_RUNNING, guests) }),
            }),
      benchmarks: chosen(SERVING),
      // It knew nothing of announcing, and these guests' addresses are /32.
      isOursAlone: addresses > 0,
    })),
    ...(await compareAll({
      world: `two nodes, a router and ${ANNOUNCED} guests`,
      create: () =>
        createAnnouncingWorld({
          guests: ANNOUNCED,
          cluster,
          migrations,
          ...(addresses > 0 && { addresses }),
        }),
      benchmarks: chosen(ANNOUNCING),
    })),
    ...(await compareAll({
      world: `a node with ${CROWD_SIZE} guests' ports, and a router`,
      create: () => createAnnouncingWorld({ guests: CROWD_SIZE, migrations, bare: true }),
      benchmarks: chosen(CROWD),
    })),
    ...(await compareAll({
      world: `a node with ${CROWD_SIZE} guests' ports to guard`,
      create: () => createGuardWorld({ guests: CROWD_SIZE }),
      benchmarks: chosen(GUARDING),
    })),
  ]
  const setting = settingOf(
    `${guests} guests served, ${ANNOUNCED} announced${addresses > 0 ? ` with ${addresses} addresses` : ''}${cluster > 0 ? `, ${cluster} in the cluster` : ''}`,
  )
  print(output === 'json' ? JSON.stringify({ ...setting, results }, null, 2) : describe(setting, results))
  process.exitCode = results.some(({ passed }) => passed === false) ? 1 : 0
}

async function compareAll<W extends { readonly lab: Lab }>(suite: Suite<W>): Promise<Result[]> {
  const ours = await runAll(suite, 'guestnet')
  const theirs = suite.isOursAlone ? new Map() : await runAll(suite, 'predecessor')
  return suite.benchmarks.flatMap((benchmark): Result[] => {
    const guestnet = ours.get(benchmark)
    return guestnet ? [compare(benchmark, guestnet, theirs.get(benchmark))] : []
  })
}

/** Runs a suite's benchmarks one after the other in one simulated world. */
async function runAll<W extends { readonly lab: Lab }>(
  { world: description, create, benchmarks }: Suite<W>,
  who: 'guestnet' | 'predecessor',
): Promise<Map<Benchmark<W>, Measurement>> {
  const measured = new Map<Benchmark<W>, Measurement>()
  const comparable = benchmarks.filter(benchmark => benchmark[who] !== undefined)
  if (comparable.length === 0) return measured
  progress(`building ${description}`)
  const world = await create(who)
  try {
    for (const benchmark of comparable) {
      progress(`${who}: ${benchmark.measures}`)
      const measurement = await benchmark[who]?.(world)
      if (!measurement) continue
      measured.set(benchmark, measurement)
      progress(`  ${rounded(measurement.value)} ${benchmark.unit}; ${measurement.notes.join('; ')}`)
    }
  } finally {
    await world.lab.close()
  }
  return measured
}

/** Measures, and writes what was measured beside the drawings of it. */
async function drawScale(sizes: readonly number[]): Promise<void> {
  const points = await measureScale(sizes)
  const setting = settingOf(`${sizes.join(', ')} addresses and prefixes announced, of 300 guests at most`)
  const file = (name: string) => join('docs', 'images', `scale-${name}`)
  writeFileSync(file('points.json'), `${JSON.stringify({ ...setting, points }, null, 2)}\n`)
  for (const quantity of Object.keys(QUANTITIES) as Quantity[])
    writeFileSync(file(`${quantity}.svg`), plot(quantity, points))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
