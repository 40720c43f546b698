import { beforeEach, expect, test, vi } from 'vitest'
import { Failures } from './failures.ts'

let now: number
let failures: Failures
beforeEach(() => {
  now = 0
  failures = new Failures(() => now)
})

function failOften(address: string, times: number): void {
  for (let count = 0; count < times; count++) failures.note(address)
}

test('an address that fails ten times is barred, and others are not', () => {
  failOften('192.0.2.1', 9)
  expect(failures.isBarred('192.0.2.1')).toBe(false)
  failures.note('192.0.2.1')
  expect(failures.isBarred('192.0.2.1')).toBe(true)
  expect(failures.isBarred('192.0.2.2')).toBe(false)
})

test('after a while it may try again, once', () => {
  failOften('192.0.2.1', 10)
  now += 6000
  expect(failures.isBarred('192.0.2.1')).toBe(false)
  failures.note('192.0.2.1')
  expect(failures.isBarred('192.0.2.1')).toBe(true)
})

test('a clock that is set back bars nobody', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const byDefault = new Failures()
    byDefault.note('192.0.2.1')
    vi.setSystemTime(Date.now() - 7_200_000)
    expect(byDefault.isBarred('192.0.2.1')).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

test('who has one IPv6 address has all of its /64', () => {
  for (let count = 0; count < 10; count++) failures.note(`2001:db8:0:1::${count + 1}`)
  expect(failures.isBarred('2001:db8:0:1:ffff:ffff:ffff:ffff')).toBe(true)
  expect(failures.isBarred('2001:db8:0:2::1')).toBe(false)
})

test('what is remembered is bounded', () => {
  failOften('192.0.2.1', 10)
  for (let number = 0; number < 5000; number++) failures.note(`198.51.${number >> 8}.${number & 255}`)
  expect(failures.isBarred('192.0.2.1')).toBe(false)
})
