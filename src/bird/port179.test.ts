import { describe, expect, test } from 'vitest'
import { findPortHolder, readHolders } from './port179.ts'

/** A program that says its argument, whatever else `ss` would be told. */
const SAYING = ['sh', '-c', 'printf "%s\\n" "$0"']

test('who listens is read from ss', () => {
  const text = `LISTEN 0 128 0.0.0.0:179 0.0.0.0:* users:(("bgpd",pid=812,fd=22))
LISTEN 0 128 [::]:179 [::]:* users:(("bgpd",pid=812,fd=23))`
  expect(readHolders(text)).toEqual([
    { program: 'bgpd', pid: 812 },
    { program: 'bgpd', pid: 812 },
  ])
})

test('a program of another container or user has no name, and holds the port all the same', () => {
  expect(readHolders('LISTEN 0 128 0.0.0.0:179 0.0.0.0:*')).toEqual([{ program: 'another program' }])
  expect(readHolders('')).toEqual([])
})

describe('the port is held by another program', () => {
  const [OURS, THEIRS, UNSEEN] = ['users:(("bird",pid=7,fd=9))', 'users:(("bgpd",pid=812,fd=22))', '']
  /** Who holds the port where `ss` says this. */
  const holder = (own: number | undefined, ...users: string[]) =>
    findPortHolder(own, [...SAYING, users.map(text => `LISTEN 0 128 *:179 *:* ${text}`).join('\n')])

  test.each([7, undefined])('that can be seen, our own BIRD being %s', async own => {
    expect(await holder(own, THEIRS)).toEqual({ program: 'bgpd', pid: 812 })
  })

  test.each([7, undefined])('that cannot be seen, our own BIRD being %s', async own => {
    expect(await holder(own, UNSEEN)).toEqual({ program: 'another program' })
  })

  test('beside our own', async () => {
    expect(await holder(7, OURS, THEIRS)).toEqual({ program: 'bgpd', pid: 812 })
  })
})

test('our own BIRD does not hold the port against us', async () => {
  const line = 'LISTEN 0 128 *:179 *:* users:(("bird",pid=7,fd=9))'
  expect(await findPortHolder(7, [...SAYING, line])).toBeUndefined()
})
