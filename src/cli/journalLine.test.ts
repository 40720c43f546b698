import { expect, test } from 'vitest'
import { journalLine } from './journalLine.ts'

test.each([
  ['change', 'serve tap100i0', 100, '<6>kind=change vmid=100 message="serve tap100i0"'],
  ['problem', 'it is "so"', undefined, '<4>kind=problem message="it is \\"so\\""'],
  [
    'lease',
    'VM 100 net0 leased 192.0.2.1',
    100,
    '<6>kind=lease vmid=100 message="VM 100 net0 leased 192.0.2.1"',
  ],
  [
    'lease',
    'VM 100 net0 renewed 192.0.2.1',
    100,
    '<7>kind=lease vmid=100 message="VM 100 net0 renewed 192.0.2.1"',
  ],
] as const)('%s: %s', (kind, message, vmid, line) => {
  expect(journalLine({ time: 0, kind, message, ...(vmid && { vmid }) })).toBe(line)
})

test('nothing of a message begins another line or acts on a terminal', () => {
  const line = journalLine({ time: 0, kind: 'problem', message: 'a\n<0>b\u001b[2J' })
  expect(line).not.toContain('\n')
  expect(line).not.toContain('\u001b')
})
