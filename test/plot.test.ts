import { expect, test } from 'vitest'
import { plot } from '../bench/plot.ts'
import type { ScalePoint } from '../bench/scale.ts'

const point = (announced: number, announce: number): ScalePoint => ({
  announced,
  values: {
    port: 1,
    announce,
    withdraw: 1,
    edit: 1,
    eventCpu: 0,
    coldStart: 1,
    memory: 1,
    idle: 1,
    status: 1,
    explain: 1,
  },
})
const POINTS = [point(10, 4), point(100, 4), point(1000, 40)]

/** Where the line goes. */
function line(svg: string): number[][] {
  const [, points = ''] = /points="([^"]*)"/.exec(svg) ?? []
  return points.split(' ').map(pair => pair.split(',').map(Number))
}

test('equal values are level, and ten times as much is a decade higher', () => {
  const [first = [], second = [], third = []] = line(plot('announce', POINTS))
  expect(second[1]).toBe(first[1])
  expect(third[1]).toBeLessThan(second[1] ?? 0)
})

test('ten times as many addresses are as far from one another as ten times more', () => {
  const [first = [], second = [], third = []] = line(plot('announce', POINTS))
  expect((second[0] ?? 0) - (first[0] ?? 0)).toBeCloseTo((third[0] ?? 0) - (second[0] ?? 0), 0)
})

test('each point is told, with the unit', () => {
  const svg = plot('announce', POINTS)
  for (const text of ['>10<', '>100<', '>1000<', '>4<', '>40<', '(ms)']) expect(svg).toContain(text)
})

test('the same points give the same drawing, and nothing has a place', () => {
  expect(plot('eventCpu', POINTS)).toBe(plot('eventCpu', POINTS))
  expect(plot('eventCpu', POINTS)).not.toContain('NaN')
})
