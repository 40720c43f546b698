import type { World } from './world.ts'

/** What one run of a benchmark came to. */
export interface Measurement {
  /** In the benchmark's unit; less is better. */
  readonly value: number
  /** What else there is to know, in words: how it was measured, other percentiles, what was extrapolated. */
  readonly notes: readonly string[]
}

/** Something measured of guestnet, and the same work done its predecessor's way. */
export interface Benchmark {
  readonly name: string
  readonly measures: string
  readonly unit: 'ms' | 'MB' | '% of a core' | 'lost'
  /** At most this; absent: told for information. */
  readonly bar?: number
  readonly guestnet: (world: World) => Promise<Measurement>
  readonly predecessor: (world: World) => Promise<Measurement>
}

/** A benchmark with what was measured, side by side. */
export interface Result {
  readonly name: string
  readonly measures: string
  readonly unit: Benchmark['unit']
  readonly bar?: number
  readonly guestnet: Measurement
  readonly predecessor: Measurement
  /** `undefined` where there is no bar. */
  readonly passed: boolean | undefined
  /** How many times the predecessor's value is guestnet's; `undefined` where guestnet's is nothing. */
  readonly ratio: number | undefined
}

export function compare(benchmark: Benchmark, guestnet: Measurement, predecessor: Measurement): Result {
  const { name, measures, unit, bar } = benchmark
  return {
    name,
    measures,
    unit,
    ...(bar === undefined ? {} : { bar }),
    guestnet,
    predecessor,
    passed: bar === undefined ? undefined : guestnet.value <= bar,
    ratio: guestnet.value === 0 ? undefined : predecessor.value / guestnet.value,
  }
}
