/** The value that this share of all values does not exceed (nearest rank). Throws where there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new Error('no percentile of nothing')
  return value
}

/** `40 samples: p50 61, p95 74, longest 80 ms` */
export function describeSamples(values: readonly number[], unit: string): string {
  const [p50, p95, longest] = [0.5, 0.95, 1].map(share => rounded(percentile(values, share)))
  return `${values.length} samples: p50 ${p50}, p95 ${p95}, longest ${longest} ${unit}`
}

/** As many digits as one can believe. */
export function rounded(value: number): string {
  return value.toFixed(Math.abs(value) < 10 && !Number.isInteger(value) ? 2 : 0)
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
