import { expect, test } from 'vitest'
import { takesPacked } from './body.ts'

test.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8', 'GZIP ; q=0.001'])(
  '%s takes it packed',
  header => expect(takesPacked(header)).toBe(true),
)

test.each([undefined, '', 'identity', 'gzip;q=0', 'gzip; q=0.000', 'br, x-gzip2'])('%s does not', header =>
  expect(takesPacked(header)).toBe(false),
)
