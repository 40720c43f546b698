import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timeline } from '../../src/agent/timeline.ts'
import { eventLine } from '../../src/cli/eventLine.ts'
import { describeExplained } from '../../src/cli/explain.ts'
import { plain } from '../../src/cli/paint.ts'
import { describeStatus } from '../../src/cli/statusText.ts'
import { describeChange } from '../../src/core/change.ts'
import { diff } from '../../src/core/diff.ts'
import { parseNotes } from '../../src/core/guest/notes.ts'
import { intend } from '../../src/core/intent.ts'
import { describeProblem } from '../../src/core/problem/problem.ts'
import { explain } from '../../src/core/report/explain.ts'
import { report } from '../../src/core/report/report.ts'
import { shownLines } from '../../src/core/text/escape.ts'
import { toGuest } from '../../src/pve/config/guest.ts'
import { parseGuestConfig } from '../../src/pve/config/parsedConfig.ts'
import { linksOf, observation, readingOf, slotLink, vmidOf } from '../builders.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b[2J',
        '\x9b31m',
        '\x7f',
        '\r',
        '\u2028',
        '\u202e',
        '\x07',
        '\x85',
        '%1b',
        '%0a',
        ' ',
        ':',
        '"',
        "'",
      ),
      fc.constantFrom('192.0.2.5/24', 'ip=', 'a', '{', '[', 'routes: ', 'dhcp: '),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map(parts => parts.join('').replaceAll(/[\0\n]/g, ''))

/** A guest whose every value is what a tenant makes of it. */
const config = fc
  .record({
    name: hostile,
    nameserver: hostile,
    searchdomain: hostile,
    notes: hostile,
    key: hostile,
    net: hostile,
  })
  .map(({ name, nameserver, searchdomain, notes, key, net }) =>
    [
      '#```guestnet',
      `#${notes}`,
      '#```',
      `name: ${name}`,
      'net0: virtio=52:54:00:9E:CC:1E,bridge=vmbr0',
      `net1: ${net}`,
      'ipconfig0: ip=192.0.2.5/24,gw=192.0.2.1',
      `ipconfig1: ip=${net}`,
      `nameserver: ${nameserver}`,
      `searchdomain: ${searchdomain}`,
      `${key}: ${name}`,
      '',
    ].join('\n'),
  )

/** Every line that guestnet has for a terminal or a log about a guest with this file. */
function linesAbout(text: string): string[] {
  const file = '/etc/pve/nodes/pve1/qemu-server/100.conf'
  const parsed = toGuest(parseGuestConfig(text, 'qemu'), { node: 'pve1', file, vmid: vmidOf(100) })
  const { notes, problems } = parseNotes(parsed.notes, file, vmidOf(100))
  const guest = { ...parsed, problems: [...parsed.problems, ...problems] }
  const seen = observation({ links: linksOf('tap100i0', 'vmbr0') })
  const reading = readingOf([guest], { notesOf: () => notes })
  const intent = intend(reading, seen)
  const target = {
    holders: intent.ruling.changes,
    guard: intent.guard,
    dhcp: { ...intent.dhcp, configs: new Map(), complete: true },
    advertising: { advertisements: intent.advertisements, table: '' },
  }
  const changes = diff(target, seen, slotLink)
  const told = report({
    settings: { node: 'pve1', name: 'guestnet' },
    policy: 'default',
    complete: true,
    intent: intent.dhcp,
    observation: seen,
    done: [],
    problems: intent.problems,
    time: 0,
  })
  const timeline = new Timeline()
  timeline.noteProblems(told.problems)
  timeline.note('failure', text)
  return [
    ...changes.map(describeChange),
    ...told.problems.map(describeProblem),
    ...timeline.events.map(eventLine),
    // What has lines of its own goes through `print`.
    ...describeStatus(told, 'running', { width: 200, paint: plain, now: 0, what: 'all' }).split('\n'),
    ...shownLines(describeExplained(guest, explain(guest, told), guest.problems)).split('\n'),
  ]
}

test('no line that is printed or logged acts on a terminal, whatever a guest’s file says', () => {
  fc.assert(
    fc.property(config, text => {
      for (const line of linesAbout(text)) expect(line).not.toMatch(ACTIVE)
    }),
    { numRuns: 300 },
  )
})

test('nor has it a line that the guest’s file wrote', () => {
  const text =
    'name: web\u2028! forged\nnameserver: a\r!\x85forged\nnet0: virtio=52:54:00:9E:CC:1E,bridge=vmbr0\n'
  const notes = '#```guestnet\n#"%0a! forged%0a": 1\n#```\n'
  expect(linesAbout(notes + text).filter(line => line.startsWith('! forged'))).toEqual([])
})
