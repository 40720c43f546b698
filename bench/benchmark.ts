/** What one run of a benchmark came to. */
export interface Measurement {
  /** In the benchmark's unit; less is better. */
  readonly value: number
  /** Of the samples whose 95th percentile `value` is. */
  readonly median?: number
  /** What else there is to know, in words: how it was measured, other percentiles, what was extrapolated. */
  readonly notes: readonly string[]
}

/** Something measured of guestnet, and the same work done its predecessor's way. */
export interface Benchmark<World> {
  readonly name: string
  readonly measures: string
  readonly unit: 'ms' | 'MB' | '% of a core' | 'lost' | 'updates' | 'rules' | '× the time' | 'objects'
  /** At most this; absent: told for information. */
  readonly bar?: number
  /** At most this for the median. */
  readonly medianBar?: number
  /** It takes so long that it is run only where it is named. */
  readonly isLong?: true
  readonly guestnet: (world: World) => Promise<Measurement>
  /** Absent where the predecessor does nothing of the kind. */
  readonly predecessor?: (world: World) => Promise<Measurement>
}

/** A benchmark with what was measured, side by side. */
export interface Result {
  readonly name: string
  readonly measures: string
  readonly unit: Benchmark<never>['unit']
  readonly bar?: number
  readonly medianBar?: number
  readonly guestnet: Measurement
  readonly predecessor?: Measurement
  /** `undefined` where there is no bar. */
  readonly passed: boolean | undefined
  /** How many times the predecessor's value is guestnet's; `undefined` where one of them is nothing. */
  readonly ratio: number | undefined
}

export function compare(
  { name, measures, unit, bar, medianBar }: Omit<Benchmark<never>, 'guestnet' | 'predecessor'>,
  guestnet: Measurement,
  predecessor: Measurement | undefined,
): Result {
  return {
    name,
    measures,
    unit,
    ...(bar === undefined ? {} : { bar }),
    ...(medianBar === undefined ? {} : { medianBar }),
    guestnet,
    ...(predecessor && { predecessor }),
    passed: bar === undefined ? undefined : isWithin(guestnet, bar, medianBar),
    ratio: predecessor && guestnet.value !== 0 ? predecessor.value / guestnet.value : undefined,
  }
}

function isWithin({ value, median }: Measurement, bar: number, medianBar: number | undefined): boolean {
  return value <= bar && (medianBar === undefined || (median !== undefined && median <= medianBar))
}
