import { describe, expect, test } from 'vitest'
import { diffGuard } from './diff.ts'
import type { Entry } from './entry.ts'
import { type GuardTable, NO_GUARD } from './observation.ts'
import type { Quick } from './quick.ts'
import type { GuardTarget } from './target.ts'

const PORT = { link: 'tap100i0', label: 'VM 100 net0 ifindex 7' }
const ENTRIES = new Set(['mac 52:54:00:00:00:64', 'ipv4 192.0.2.5'] as readonly string[] as readonly Entry[])
const QUICK = ['52:54:00:00:00:64 192.0.2.5'] as readonly string[] as readonly Quick[]
const TARGET: GuardTarget = {
  mode: 'on',
  ports: [{ ...PORT, entries: ENTRIES }],
  networks: new Map([['00000000', new Set()]]),
  linkLocals: new Set(),
}
const THERE: GuardTable = {
  exists: true,
  intact: true,
  mode: 'on',
  ports: new Map([[PORT.link, { label: PORT.label, hasChain: true, quick: QUICK, entries: ENTRIES }]]),
  networks: new Map([['00000000', { intact: true, held: new Set() }]]),
  linkLocals: new Set(),
  drops: new Map(),
}
const kinds = (table: GuardTable, target = TARGET) => diffGuard(target, table).map(({ kind }) => kind)

test('where all is as it should be nothing is done', () => expect(kinds(THERE)).toEqual([]))

test('where there is nothing, all is made, networks before the ports that lead to them', () => {
  expect(kinds(NO_GUARD)).toEqual(['guard-create', 'guard-network', 'guard-port'])
})

test('what all share is made anew if it is not as it was made, and with it the ports', () => {
  const [create, ...others] = diffGuard(TARGET, { ...THERE, intact: false })
  expect(create).toEqual({ kind: 'guard-create', mode: 'on', anew: true })
  expect(others.map(({ kind }) => kind)).toEqual(['guard-network', 'guard-port'])
})

test('another mode is one rule', () => {
  expect(diffGuard({ ...TARGET, mode: 'report' }, THERE)).toEqual([{ kind: 'guard-mode', mode: 'report' }])
})

test('switched off, it goes', () => {
  expect(kinds(THERE, { ...TARGET, mode: 'off' })).toEqual(['guard-remove'])
  expect(kinds(NO_GUARD, { ...TARGET, mode: 'off' })).toEqual([])
})

describe('a port', () => {
  const withPort = (port: Partial<ReturnType<typeof portThere>>): GuardTable => ({
    ...THERE,
    ports: new Map([[PORT.link, { ...portThere(), ...port }]]),
  })
  const portThere = () => ({ label: PORT.label, hasChain: true, quick: QUICK, entries: ENTRIES })

  test('whose address is another one gets that, and its chain stays', () => {
    const entries = new Set([
      'mac 52:54:00:00:00:64',
      'ipv4 192.0.2.4',
    ] as readonly string[] as readonly Entry[])
    expect(diffGuard(TARGET, withPort({ entries, quick: ['52:54:00:00:00:64 192.0.2.4'] as never }))).toEqual(
      [
        {
          kind: 'guard-port',
          ...PORT,
          chain: 'rules',
          quick: QUICK,
          add: ['ipv4 192.0.2.5'],
          remove: ['ipv4 192.0.2.4'],
          forget: [],
        },
      ],
    )
  })

  test('that was made anew gets another chain, and what was counted of the former is forgotten', () => {
    const drops = new Map([[PORT.link, [{ reason: 'arp', packets: 1, sample: '192.0.2.1' } as const]]])
    const table = { ...withPort({ label: 'VM 100 net0 ifindex 6' }), drops }
    expect(diffGuard(TARGET, table)).toEqual([
      { kind: 'guard-port', ...PORT, chain: 'anew', quick: QUICK, add: [], remove: [], forget: ['arp'] },
    ])
  })

  test('without its chain gets it', () => {
    expect(diffGuard(TARGET, withPort({ hasChain: false }))).toMatchObject([{ chain: 'new' }])
  })

  test('that is gone is released, with all that was its', () => {
    expect(diffGuard({ ...TARGET, ports: [] }, THERE)).toEqual([
      { kind: 'guard-release', link: PORT.link, remove: [...ENTRIES], forget: [] },
    ])
  })
})

test('a network that no port leads to any more goes, after the ports', () => {
  const networks = new Map(THERE.networks).set('aaaaaaaa', { intact: true, held: new Set() })
  expect(kinds({ ...THERE, networks }, { ...TARGET, ports: [] })).toEqual([
    'guard-release',
    'guard-network-remove',
  ])
})
