import { cpus, release } from 'node:os'
import { table } from '../src/cli/table.ts'
import type { Result } from './benchmark.ts'
import { rounded } from './statistics.ts'

/** On what and with how many guests it was measured. */
export interface Setting {
  readonly date: string
  readonly machine: string
  readonly guests: number
}

export function settingOf(guests: number): Setting {
  const [core] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${core?.model ?? 'unknown'}), Linux ${release()}, Node.js ${process.version}`,
    guests,
  }
}

/** A table of the results, then what else there is to know about each. */
export function describe({ date, machine, guests }: Setting, results: readonly Result[]): string {
  const rows = results.map(result => [
    result.name,
    withUnit(result.guestnet.value, result),
    result.bar === undefined ? '' : withUnit(result.bar, result),
    VERDICTS[String(result.passed)] ?? '',
    withUnit(result.predecessor.value, result),
    result.ratio === undefined ? '' : `${rounded(result.ratio)}×`,
  ])
  const head = ['BENCHMARK', 'GUESTNET', 'BAR', '', 'PREDECESSOR', 'RATIO']
  const notes = results.flatMap(({ name, measures, guestnet, predecessor }) => [
    '',
    `${name}: ${measures}`,
    ...guestnet.notes.map(note => `  guestnet: ${note}`),
    ...predecessor.notes.map(note => `  predecessor: ${note}`),
  ])
  return [`${date}, ${guests} guests, ${machine}`, '', table([head, ...rows]), ...notes].join('\n')
}

const VERDICTS: Readonly<Record<string, string>> = { true: 'passed', false: 'MISSED' }

function withUnit(value: number, { unit }: Result): string {
  return unit === '% of a core' ? `${rounded(value)} %` : `${rounded(value)} ${unit}`
}
