import { describe, expect, test } from 'vitest'
import { parseVmid } from './names.ts'
import { NO_NOTES, parseNotes } from './notes.ts'

const FILE = '/etc/pve/nodes/pve1/qemu-server/100.conf'
const VMID = parseVmid('100') ?? expect.fail()
/** The Notes of a test begin at line 11 of the guest's file. */
const BEFORE = 10

function notesOf(text: string) {
  const lines = text.split('\n').map((part, index) => ({ text: part, line: BEFORE + index + 1 }))
  const { notes: located, problems } = parseNotes(lines, FILE, VMID)
  const { lines: _, ...notes } = located
  return { notes, problems: problems.map(({ line, message }) => `${line} ${message}`) }
}

const { lines: _, ...NOTHING_SAID } = NO_NOTES
const SILENT = { notes: { ...NOTHING_SAID, dhcp: false }, problems: [] }

describe('Notes without a guestnet block', () => {
  test.each([
    '',
    'A web server.',
    'dhcp: false',
    '```yaml\ndhcp: false\n```',
    '``` guestnet2\ndhcp: false\n```',
    '``guestnet\ndhcp: false\n``',
    '    ```guestnet\n    dhcp: false',
    '```guestnet`\ndhcp: false',
    '````markdown\n```guestnet\ndhcp: false\n```\n````',
    '```guestnet\n```',
    '```guestnet\n# dhcp: false\n```',
  ])('change nothing: %j', text => expect(notesOf(text)).toEqual({ notes: NOTHING_SAID, problems: [] }))
})

describe('a guestnet block', () => {
  test.each([
    '```guestnet\ndhcp: false\n```',
    '# Web server\n\n``` guestnet \ndhcp: false\n```\nmore text: [',
    '~~~guestnet\ndhcp: false\n~~~~',
    '~~~guestnet\ndhcp: false # ```\n~~~\n',
    '  ```guestnet\n  dhcp: false\n ```',
    '```guestnet\ndhcp: false',
    '```guestnet\r\ndhcp: false\r\n```\r',
    '```yaml\na: [\n```\n```guestnet\ndhcp: false\n```',
  ])('is found as CommonMark says: %j', text => expect(notesOf(text)).toEqual(SILENT))

  test('is read whole', () => {
    const text = `~~~guestnet
announce: false
routes: [192.0.2.0/28, "2001:DB8:0::/48"]
communities: [65000:100, 4220000001:1:2]
~~~`
    expect(notesOf(text)).toEqual({
      notes: {
        dhcp: true,
        announce: false,
        routes: ['192.0.2.0/28', '2001:db8::/48'],
        communities: ['65000:100', '4220000001:1:2'],
      },
      problems: [],
    })
  })

  test('keeps what is right beside what is wrong, and names the line in the file', () => {
    const text = `\`\`\`guestnet
dhcp: false
anounce: false
routes:
  - 192.0.2.0/28
  - 192.0.2.5/24
communities: [65000:100000]
\`\`\``
    expect(notesOf(text)).toEqual({
      notes: { ...NOTHING_SAID, dhcp: false },
      problems: [
        '13 `anounce` is not a known key.',
        '16 `routes[1]` must be a network without host bits, such as 192.0.2.0/24 or 2001:db8::/48, not "192.0.2.5/24".',
        '17 `communities[0]` must be a community such as 65000:100, or a large one such as 65000:1:2, not "65000:100000".',
      ],
    })
  })

  test('says what to write instead of yes and no', () => {
    expect(notesOf('```guestnet\ndhcp: no\n```')).toEqual({
      notes: NOTHING_SAID,
      problems: ['12 `dhcp` must be `true` or `false`, not `no`.'],
    })
  })

  test('that is not YAML can still take away, and gives nothing', () => {
    const { notes, problems } = notesOf('```guestnet\ndhcp: false\nroutes: [192.0.2.0/28]\n]\n```')
    expect(notes).toEqual({ ...NOTHING_SAID, dhcp: false })
    expect(problems[0]).toMatch(/^14 This is not valid YAML: /)
  })

  test('counts as first written: the first block, and in it the first of two equal keys', () => {
    expect(notesOf('```guestnet\ndhcp: false\ndhcp: true\n```\n\n```guestnet\nannounce: false\n```')).toEqual(
      {
        notes: { ...NOTHING_SAID, dhcp: false },
        problems: [
          '13 `dhcp` is written twice.',
          '16 The Notes have a second `guestnet` block; only the first one counts.',
        ],
      },
    )
  })

  test('of more than 16 KiB is ignored', () => {
    expect(notesOf(`\`\`\`guestnet\ndhcp: false\n#${'x'.repeat(16_384)}`)).toEqual({
      notes: NOTHING_SAID,
      problems: ['11 The `guestnet` block in the Notes is longer than 16384 characters and is ignored.'],
    })
  })

  test('gives at most twenty problems, however wrong it is', () => {
    expect(notesOf(`\`\`\`guestnet\n${'a: ]\n'.repeat(1000)}`).problems).toHaveLength(20)
  })

  test.each(['[', '- ', '{a: '])('nested a thousand times ends nothing: %j', piece => {
    expect(notesOf(`\`\`\`guestnet\n${piece.repeat(1000)}`).problems).toHaveLength(1)
  })

  test('keeps its line where a decoded line holds a line end', () => {
    const lines = [
      { text: '```guestnet\nfoo: 1', line: 1 },
      { text: 'bar: 1', line: 2 },
    ]
    expect(parseNotes(lines, FILE, VMID).problems.map(problem => problem.line)).toEqual([1, 2])
  })

  test('names the guest and the file', () => {
    const [problem] = parseNotes([{ text: '```guestnet\n[]', line: 3 }], FILE, VMID).problems
    expect(problem).toMatchObject({ code: 'notes-invalid', file: FILE, vmid: 100, line: 3 })
  })
})

test('where each setting stands in the guest’s file is known', () => {
  const text = 'A web server.\n```guestnet\ndhcp: false\nannounce: false\n```'
  const lines = text.split('\n').map((part, index) => ({ text: part, line: BEFORE + index + 1 }))
  expect(parseNotes(lines, FILE, VMID).notes.lines).toEqual({ dhcp: 13, announce: 14 })
})
