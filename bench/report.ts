import { cpus, release } from 'node:os'
import { table } from '../src/cli/table.ts'
import type { Result } from './benchmark.ts'
import { rounded } from './statistics.ts'

/** On what and with how many guests it was measured. */
export interface Setting {
  readonly date: string
  readonly machine: string
  readonly guests: string
}

export function settingOf(guests: string): Setting {
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
    withMedian(result.guestnet.value, result.guestnet.median, result),
    result.bar === undefined ? '' : withMedian(result.bar, result.medianBar, result),
    VERDICTS[String(result.passed)] ?? '',
    result.predecessor === undefined
      ? ''
      : withMedian(result.predecessor.value, result.predecessor.median, result),
    result.ratio === undefined ? '' : `${rounded(result.ratio)}×`,
  ])
  const head = ['BENCHMARK', 'GUESTNET', 'BAR', '', 'PREDECESSOR', 'RATIO']
  const notes = results.flatMap(({ name, measures, guestnet, predecessor }) => [
    '',
    `${name}: ${measures}`,
    ...guestnet.notes.map(note => `  guestnet: ${note}`),
    ...(predecessor?.notes ?? []).map(note => `  predecessor: ${note}`),
  ])
  return [`${date}, ${guests}, ${machine}`, '', table([head, ...rows]), ...notes].join('\n')
}

const VERDICTS: Readonly<Record<string, string>> = { true: 'passed', false: 'MISSED' }

/** The median, where there is one, before the 95th percentile. */
function withMedian(value: number, median: number | undefined, result: Result): string {
  return median === undefined ? withUnit(value, result) : `${rounded(median)} / ${withUnit(value, result)}`
}

function withUnit(value: number, { unit }: Result): string {
  switch (unit) {
    case '% of a core':
      return `${rounded(value)} %`
    case '× the time':
      return `${rounded(value)}×`
    default:
      return `${rounded(value)} ${unit}`
  }
}
