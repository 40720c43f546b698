import { expect, test } from 'vitest'
import { vm } from '../../../test/builders.ts'
import { seenOf, servedRow } from '../../../test/seen.ts'
import { type NodeView, summaryOf } from '../../core/report/clusterView.ts'
import { nodeCards } from './cluster.ts'

const { status } = seenOf([vm(100, [{ ip: '192.0.2.100/24' }])], { nics: [servedRow(100)] })
const WELL = summaryOf({ ...status, nics: [], problems: [] })
const answering = (node: string, more: Partial<typeof WELL> = {}): NodeView => ({
  node,
  state: 'answering',
  page: 'https://198.51.100.2:8068/',
  summary: { ...WELL, ...more },
})
const cards = (views: readonly NodeView[], hostname = '127.0.0.1') =>
  nodeCards(status, [answering(status.node), ...views], hostname)

test('a node that is alone has no cluster to show', () => {
  expect(cards([])).toEqual([])
})

test('this node is as its report says, whatever was told of it before', () => {
  expect(cards([answering('pve2')])[0]).toMatchObject({
    isThis: true,
    state: 'good',
    detail: '1 address served',
  })
})

test.each([
  [answering('pve2'), 'good', 'All is well'],
  [answering('pve2', { problems: [{ code: 'clock-ahead', message: 'a' }] }), 'warning', '1 problem'],
  [answering('pve2', { problems: [{ code: 'kea-down', message: 'a' }] }), 'critical', '1 problem'],
  [{ node: 'pve2', state: 'silent', reason: 'no answer' }, 'critical', 'does not answer'],
  [{ node: 'pve2', state: 'offline', reason: 'not seen' }, 'critical', 'offline'],
  [{ node: 'pve2', state: 'closed', reason: 'no place' }, 'unknown', 'not asked'],
] as const satisfies [NodeView, string, string][])('%j is %s: %s', (view, state, verdict) => {
  expect(cards([view])[1]).toMatchObject({ node: 'pve2', isThis: false, state, verdict })
})

test('a node that does not answer has the reason where others have their work', () => {
  expect(cards([{ node: 'pve2', state: 'silent', reason: 'connection refused' }])[1]?.detail).toBe(
    'connection refused',
  )
})

test.each([
  ['127.0.0.1', 'https://198.51.100.2:8068/'],
  ['localhost', 'https://198.51.100.2:8068/'],
  ['pve1', 'https://pve2:8068/'],
  ['pve1.example.net', 'https://pve2.example.net:8068/'],
])('who looks at %s finds the other node’s page at %s', (hostname, page) => {
  expect(cards([answering('pve2')], hostname)[1]?.page).toBe(page)
})
