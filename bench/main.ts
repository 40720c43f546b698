import { Command, InvalidArgumentError, Option } from 'commander'
import { type Benchmark, compare, type Measurement, type Result } from './benchmark.ts'
import { coldStart } from './benchmarks/coldStart.ts'
import { edit, editPolled } from './benchmarks/edit.ts'
import { idle } from './benchmarks/idle.ts'
import { loss } from './benchmarks/loss.ts'
import { memory } from './benchmarks/memory.ts'
import { port } from './benchmarks/port.ts'
import { runPredecessor } from './predecessor.ts'
import { describe, settingOf } from './report.ts'
import { rounded } from './statistics.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

const BENCHMARKS: readonly Benchmark[] = [port, edit, editPolled, memory, idle, coldStart, loss]

/** How many Keas of the predecessor's run: enough to tell what one more costs. */
const PREDECESSOR_RUNNING = 20

interface Options {
  readonly guests: number
  readonly output: 'text' | 'json'
  readonly list?: true
}

const program = new Command('npm run bench --')
  .description('Measures guestnet and the way its predecessor works, on the same simulated node.')
  .usage('[options] [name...]')
  .argument('[name...]', 'which benchmarks; all if none is named')
  .option('--list', 'say which there are')
  .option('--guests <n>', 'guests on the node', guestsOf, 300)
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
  npm run --silent bench -- --output json > results.json`,
  )
  .action(async (names: string[], options: Options) => {
    if (options.list) print(BENCHMARKS.map(({ name, measures }) => `${name}: ${measures}`).join('\n'))
    else await bench(chosen(names), options)
  })

program
  .command('predecessor <pve-root> <node> <dir>', { hidden: true })
  .action((pveRoot: string, node: string, dir: string) => runPredecessor({ pveRoot, node, dir }))

program.parseAsync().catch((error: unknown) => {
  progress(error instanceof Error ? error.message : String(error))
  process.exit(1)
})

async function bench(benchmarks: readonly Benchmark[], { guests, output }: Options): Promise<void> {
  const ours = await runAll(benchmarks, 'guestnet', { guests })
  const theirs = await runAll(benchmarks, 'predecessor', {
    guests,
    running: Math.min(PREDECESSOR_RUNNING, guests),
  })
  const results = benchmarks.flatMap((benchmark): Result[] => {
    const [guestnet, predecessor] = [ours.get(benchmark), theirs.get(benchmark)]
    return guestnet && predecessor ? [compare(benchmark, guestnet, predecessor)] : []
  })
  const setting = settingOf(guests)
  print(output === 'json' ? JSON.stringify({ ...setting, results }, null, 2) : describe(setting, results))
  process.exitCode = results.some(({ passed }) => passed === false) ? 1 : 0
}

/** Runs benchmarks one after the other on one simulated node. */
async function runAll(
  benchmarks: readonly Benchmark[],
  who: 'guestnet' | 'predecessor',
  options: WorldOptions,
): Promise<Map<Benchmark, Measurement>> {
  const measured = new Map<Benchmark, Measurement>()
  progress(`building a node with ${options.guests} guests, ${options.running ?? options.guests} running`)
  const world: World = await createWorld(options)
  try {
    for (const benchmark of benchmarks) {
      progress(`${who}: ${benchmark.measures}`)
      const measurement = await benchmark[who](world)
      measured.set(benchmark, measurement)
      progress(`  ${rounded(measurement.value)} ${benchmark.unit}; ${measurement.notes.join('; ')}`)
    }
  } finally {
    await world.lab.close()
  }
  return measured
}

function chosen(names: readonly string[]): Benchmark[] {
  const unknown = names.filter(name => !BENCHMARKS.some(benchmark => benchmark.name === name))
  if (unknown.length > 0) program.error(`no benchmark is called ${unknown.join(', ')}; --list says which are`)
  return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name))
}

function guestsOf(text: string): number {
  const guests = Number(text)
  // Two octets of the guests' hardware addresses and networks are made of their number.
  if (Number.isInteger(guests) && guests >= 20 && guests <= 2000) return guests
  throw new InvalidArgumentError('It must be a number from 20 to 2000.')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
