import { beforeEach, describe, expect, test } from 'vitest'
import type { FileText } from './files.ts'
import { HalfWritten } from './halfWritten.ts'

const WHOLE = 'name: web\nnet0: virtio\nnet1: virtio\n'
const CUT = 'name: web\nnet0: virtio\n'
const BEFORE: FileText = { text: WHOLE, inode: 1 }

let now: number
let halfWritten: HalfWritten
beforeEach(() => {
  now = 1000
  halfWritten = new HalfWritten(() => now)
})

const isHalf = (text: string, inode = 1) => halfWritten.is('100.conf', { text, inode }, BEFORE)

describe('a file is whole at once', () => {
  test.each([
    ['that stays the same', WHOLE, 1],
    ['that grew', `${WHOLE}net2: virtio\n`, 1],
    ['that says something else', 'name: db\n', 1],
    ['that another one was renamed onto', CUT, 2],
  ])('%s', (_, text, inode) => expect(isHalf(text, inode)).toBe(false))
})

test('a file written in place that lost its end is half written until it stays as it is', () => {
  expect(isHalf(CUT)).toBe(true)
  now += 100
  expect(isHalf(CUT)).toBe(true)
  now += 100
  expect(isHalf(CUT)).toBe(false)
})

test('each change of it begins anew', () => {
  expect(isHalf('')).toBe(true)
  now += 3000
  expect(isHalf(CUT)).toBe(true)
  now += 200
  expect(isHalf(CUT)).toBe(false)
})

test('what was half written before does not count the next time', () => {
  isHalf(CUT)
  now += 200
  expect(isHalf(WHOLE)).toBe(false)
  expect(isHalf(CUT)).toBe(true)
})

test.each([
  ['', 1],
  ['', 2],
  ['name: web\nnet', 1],
  ['name: web\nnet', 2],
])(
  'a file that ends in the middle of a line is waited for longer, whichever file it is: %j, inode %i',
  (text, inode) => {
    expect(isHalf(text, inode)).toBe(true)
    now += 1900
    expect(isHalf(text, inode)).toBe(true)
    now += 200
    expect(isHalf(text, inode)).toBe(false)
  },
)

test('files are told apart by their path', () => {
  isHalf(CUT)
  now += 200
  expect(halfWritten.is('101.conf', { text: CUT, inode: 1 }, BEFORE)).toBe(true)
})
