import type { NotesPiece } from './description.ts'
import { type ConfigLine, cutSections, type Section } from './lines.ts'
import { type ConfigProblem, type LineReading, type Located, nicOf, type RawConfig } from './rawConfig.ts'

/** How one kind of guest's files is cut into sections and read line by line. */
export interface Dialect<Kind> {
  readonly main: Kind
  /** What the section under a header is, `undefined` if the line is no header. */
  readonly kindOf: (line: string) => Kind | undefined
  /** Two sections are the same one if this is. */
  readonly nameOf: (kind: Kind) => string
  /** What is wrong with a header, which may be there `again`. */
  readonly checkHeader: (kind: Kind, again: boolean) => LineReading['problem'] | undefined
  /** Whether a section tells what was before changes that a running guest may not know of. */
  readonly isAtStart?: (kind: Kind) => boolean
  readonly readLine: (line: string, kind: Kind) => LineReading
}

/** Reads a guest's file up to the values as Proxmox keeps them. Takes any text. */
export function readConfig<Kind>(text: string, dialect: Dialect<Kind>): RawConfig {
  const { first, sections } = cutSections(text, dialect.kindOf)
  const live = first.map(line => ({ line, reading: dialect.readLine(line.text, dialect.main) }))
  const atStart = sections.findLast(({ kind }) => dialect.isAtStart?.(kind))
  return {
    values: new Map(live.flatMap(({ line, reading }) => entryOf(reading, line))),
    atStart: new Map(
      atStart?.lines.flatMap(line => entryOf(dialect.readLine(line.text, atStart.kind), line)),
    ),
    notes: live.flatMap(({ line, reading }) => notesOf(reading, line)),
    problems: [
      ...live.flatMap(({ line, reading }) => problemOf(reading, line)),
      ...headerProblems(sections, dialect),
      ...sections.flatMap(section => bodyProblems(section, dialect)),
    ],
  }
}

function headerProblems<Kind>(sections: readonly Section<Kind>[], dialect: Dialect<Kind>): ConfigProblem[] {
  const seen = new Set<string>()
  return sections.flatMap(({ kind, header }) => {
    const name = dialect.nameOf(kind)
    const problem = dialect.checkHeader(kind, seen.has(name))
    seen.add(name)
    return problem === undefined ? [] : [{ ...problem, line: header.number }]
  })
}

/** Snapshots and pending changes give no values, but Proxmox reads them at the same time and drops as much. */
function bodyProblems<Kind>(section: Section<Kind>, dialect: Dialect<Kind>): ConfigProblem[] {
  return section.lines.flatMap(line => {
    const { problem } = dialect.readLine(line.text, section.kind)
    if (problem === undefined) return []
    const message = `in ${section.header.text.trimEnd()}: ${problem.message}`
    return [{ ...problem, message, line: line.number }]
  })
}

function entryOf({ key, value }: LineReading, line: ConfigLine): [string, Located<string>][] {
  return key === undefined || value === undefined ? [] : [[key, { value, line: line.number }]]
}

function notesOf({ notes }: LineReading, line: ConfigLine): NotesPiece[] {
  return notes === undefined ? [] : [{ ...notes, line: line.number }]
}

function problemOf({ key, problem }: LineReading, line: ConfigLine): ConfigProblem[] {
  if (problem === undefined) return []
  const nic = nicOf(key ?? '')
  return [{ ...problem, line: line.number, ...(nic === undefined ? {} : { nic }) }]
}
