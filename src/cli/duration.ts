import { counted } from '../core/text/counted.ts'

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** `3 days`, `12 minutes`: a time in its largest whole unit. Milliseconds. */
export function describeDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const [size, unit] = UNITS.find(([length]) => seconds >= length) ?? [1, 'second']
  return counted(Math.floor(seconds / size), unit)
}
