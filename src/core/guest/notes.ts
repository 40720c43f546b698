import * as z from 'zod'
import type { Problem } from '../problem/problem.ts'
import type { TextLine } from '../text/fence.ts'
import { type FencedBlock, fencedBlocks } from '../text/fence.ts'
import { checkYaml, parsedBy } from '../text/schema.ts'
import { parseCommunity } from '../values/community.ts'
import { parsePrefix } from '../values/prefix.ts'
import type { Vmid } from './names.ts'

const Route = parsedBy(parsePrefix, 'a network without host bits, such as 192.0.2.0/24 or 2001:db8::/48')
const CommunityText = parsedBy(
  parseCommunity,
  'a community such as 65000:100, or a large one such as 65000:1:2',
)

/** Entries of a list: each costs a look at every guest of the cluster. */
const MOST_ENTRIES = 64

function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item).max(MOST_ENTRIES, { error: `must have ${MOST_ENTRIES} entries at most` })
}

/** What a guest's Notes say about it. */
export const GuestNotes = z.strictObject({
  /** `false`: no DHCP for this guest. */
  dhcp: z.boolean().default(true),
  /** `false`: its addresses are not announced. */
  announce: z.boolean().default(true),
  /** Networks behind the guest. */
  routes: listOf(Route).default([]),
  /** BGP communities of its announcements. */
  communities: listOf(CommunityText).default([]),
})
export type GuestNotes = z.output<typeof GuestNotes>

/** Notes, and in which lines of the guest's file their settings stand, 1-based. */
export interface LocatedNotes extends GuestNotes {
  readonly lines: Partial<Readonly<Record<keyof GuestNotes, number>>>
}

/** What holds for a guest whose Notes say nothing. */
export const NO_NOTES: LocatedNotes = { ...GuestNotes.parse({}), lines: {} }

/** Characters. Tenants may edit Notes: what they write must cost little, and fill no page. */
const LONGEST = 16_384
const MOST_PROBLEMS = 20

type NotesProblem = Omit<Problem, 'code' | 'file' | 'vmid'>

/**
 * Reads the block headed `guestnet` of a guest's Notes, a fenced code block of YAML. Never throws. The first such block
 * counts. Each key counts by itself: a mistake in one takes nothing from another, so that `dhcp: false` holds whatever
 * stands beside it. Of a block that is not YAML, only `dhcp: false` and `announce: false` count: what takes away, never
 * what gives. `file` and `vmid` are what the problems name; their lines are those of the file.
 */
export function parseNotes(
  lines: readonly TextLine[],
  file: string,
  vmid: Vmid,
): { notes: LocatedNotes; problems: Problem[] } {
  // A line that was percent-encoded may hold line ends of its own.
  const split = lines.flatMap(({ text, line }) => text.split(/\r\n?|\n/).map(part => ({ text: part, line })))
  const [block, ...further] = fencedBlocks(split).filter(({ info }) => info === 'guestnet')
  if (block === undefined) return { notes: NO_NOTES, problems: [] }
  const { notes, problems } = parseBlock(block)
  const repeated = further.map(({ line }) => ({
    message: 'The Notes have a second `guestnet` block; only the first one counts.',
    remedy: 'Put everything into one block.',
    line,
  }))
  const all = [...problems, ...repeated].slice(0, MOST_PROBLEMS)
  return { notes, problems: all.map(problem => ({ code: 'notes-invalid', ...problem, file, vmid })) }
}

function parseBlock({ body, line }: FencedBlock): { notes: LocatedNotes; problems: NotesProblem[] } {
  const text = body.map(part => part.text).join('\n')
  if (text.length > LONGEST) {
    const message = `The \`guestnet\` block in the Notes is longer than ${LONGEST} characters and is ignored.`
    return { notes: NO_NOTES, problems: [{ message, line }] }
  }
  const { value, mistakes, broken, yaml } = checkYaml(text, GuestNotes)
  const problems = mistakes.map(({ line: lineInBlock, column: _, ...mistake }) => ({
    ...mistake,
    line: body[lineInBlock - 1]?.line ?? line,
  }))
  const located = (notes: GuestNotes): LocatedNotes => {
    const lineOf = (key: string) => body[yaml.placeOf([key], 'key').line - 1]?.line ?? line
    const lines = Object.fromEntries(entriesOf(yaml.value).map(([key]) => [key, lineOf(key)]))
    return { ...notes, lines }
  }
  if (value !== undefined) return { notes: located(value), problems }
  const wrong = new Set(broken.map(({ path }) => path[0]))
  const counts = ([key, setting]: [string, unknown]) =>
    yaml.wellFormed ? !wrong.has(key) : setting === false && (key === 'dhcp' || key === 'announce')
  const notes = GuestNotes.parse(Object.fromEntries(entriesOf(yaml.value).filter(counts)))
  return { notes: located(notes), problems }
}

function entriesOf(value: unknown): [string, unknown][] {
  return Object.entries(z.record(z.string(), z.unknown()).safeParse(value).data ?? {})
}
