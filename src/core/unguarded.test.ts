import { expect, test } from 'vitest'
import type { Change } from './change.ts'
import { isUnguarded } from './unguarded.ts'

const GUARD = { ports: [], networks: new Map(), linkLocals: new Set<never>() }
const NOTHING = { add: [], remove: [], forget: [] }
const failed: Change[] = [
  {
    kind: 'guard-port',
    link: 'tap100i0',
    label: 'VM 100 net0 ifindex 7',
    chain: 'new',
    quick: [],
    ...NOTHING,
  },
]
const serve = (link: string): Change => ({
  kind: 'port-serve',
  port: { link, ifindex: 7, services: [] },
  stale: { chain: false, elements: [] },
})

test('DHCP does not answer where the guard could not be set up', () => {
  expect(isUnguarded(serve('tap100i0'), failed, { ...GUARD, mode: 'on' })).toBe(true)
})

test.each<[string, Change, 'on' | 'report', readonly Change[]]>([
  ['at another port', serve('tap101i0'), 'on', failed],
  ['where nothing is dropped', serve('tap100i0'), 'report', failed],
  ['where nothing failed', serve('tap100i0'), 'on', []],
])('it does %s', (_, change, mode, changes) => {
  expect(isUnguarded(change, changes, { ...GUARD, mode })).toBe(false)
})
