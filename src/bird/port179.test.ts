import { expect, test } from 'vitest'
import { readHolders } from './port179.ts'

test('who listens is read from ss', () => {
  const text = `LISTEN 0 128 0.0.0.0:179 0.0.0.0:* users:(("bgpd",pid=812,fd=22))
LISTEN 0 128 [::]:179 [::]:* users:(("bgpd",pid=812,fd=23))`
  expect(readHolders(text)).toEqual([
    { program: 'bgpd', pid: 812 },
    { program: 'bgpd', pid: 812 },
  ])
})

test('a program of another container or user has no name, and holds the port all the same', () => {
  expect(readHolders('LISTEN 0 128 0.0.0.0:179 0.0.0.0:*')).toEqual([{ program: 'another program', pid: 0 }])
  expect(readHolders('')).toEqual([])
})
