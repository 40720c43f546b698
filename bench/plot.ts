import { QUANTITIES, type Quantity, type ScalePoint } from './scale.ts'
import { rounded } from './statistics.ts'

const WIDTH = 480
const HEIGHT = 240
const MARGIN = { left: 56, right: 16, top: 36, bottom: 36 }

/**
 * A small drawing of one quantity against what the node announces, both axes logarithmic, as an SVG: the same points give the same
 * bytes. A line that is level says that their number makes no difference.
 */
export function plot(quantity: Quantity, points: readonly ScalePoint[]): string {
  const { title, unit } = QUANTITIES[quantity]
  const values = points.map(point => Math.max(point.values[quantity], SMALLEST))
  const x = scaleOf(
    points.map(({ announced }) => announced),
    MARGIN.left,
    WIDTH - MARGIN.right,
  )
  const y = scaleOf(values, HEIGHT - MARGIN.bottom, MARGIN.top)
  const places = points.map(({ announced }, index) => ({
    announced,
    at: x(announced),
    value: values[index] ?? SMALLEST,
  }))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<title>${title} (${unit})</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="8" y="18" font-size="13">${title} (${unit})</text>`,
    ...ticksOf(values).map(
      tick =>
        `<path d="M${MARGIN.left} ${number(y(tick))}H${WIDTH - MARGIN.right}" stroke="#ddd"/><text x="${MARGIN.left - 6}" y="${number(y(tick) + 4)}" text-anchor="end">${label(tick)}</text>`,
    ),
    ...places.map(
      ({ announced, at }) =>
        `<text x="${number(at)}" y="${HEIGHT - 20}" text-anchor="middle">${announced}</text>`,
    ),
    `<text x="${WIDTH / 2}" y="${HEIGHT - 5}" text-anchor="middle" fill="#666">announced addresses and prefixes</text>`,
    `<polyline fill="none" stroke="#1f6f8b" stroke-width="2" points="${places.map(({ at, value }) => `${number(at)},${number(y(value))}`).join(' ')}"/>`,
    ...places.map(
      ({ at, value }) =>
        `<circle cx="${number(at)}" cy="${number(y(value))}" r="3" fill="#1f6f8b"/><text x="${number(at)}" y="${number(y(value) - 7)}" text-anchor="middle">${rounded(value)}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n')
}

/** A logarithm has no place for nothing. */
const SMALLEST = 0.01

/** From a value to its place, by decades: the lowest one that is needed begins, the highest one ends the axis. */
function scaleOf(values: readonly number[], from: number, to: number): (value: number) => number {
  const [lowest, highest] = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ]
  const decades = Math.max(1, highest - lowest)
  return value => from + ((Math.log10(value) - lowest) / decades) * (to - from)
}

function ticksOf(values: readonly number[]): number[] {
  const lowest = Math.floor(Math.log10(Math.min(...values)))
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values))))
  return Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index))
}

function label(tick: number): string {
  return String(Number(tick.toPrecision(1)))
}

function number(value: number): string {
  return value.toFixed(1)
}
