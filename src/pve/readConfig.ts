import type { NotesPiece } from './description.ts'
import { type ConfigLine, type Section, sectionsOf } from './lines.ts'
import { type ConfigProblem, type LineReading, type Located, nicOf, type RawConfig } from './rawConfig.ts'

/** How one kind of guest's files is cut into sections and read line by line. */
export interface Dialect<Kind> {
  readonly main: Kind
  /** What the section under a header is, `undefined` if the line is no header. */
  readonly kindOf: (line: string) => Kind | undefined
  /** What is wrong with a header, given those before it. */
  readonly checkHeader: (kind: Kind, earlier: readonly Kind[]) => LineReading['problem'] | undefined
  readonly readLine: (line: string, kind: Kind) => LineReading
}

/** Reads a guest's file up to the values as Proxmox keeps them. Takes any text. */
export function readConfig<Kind>(text: string, dialect: Dialect<Kind>): RawConfig {
  const [main, ...others] = sectionsOf(text, line => dialect.kindOf(line) !== undefined)
  const live = (main?.lines ?? []).map(line => ({ line, reading: dialect.readLine(line.text, dialect.main) }))
  return {
    values: new Map(live.flatMap(({ line, reading }) => entryOf(reading, line))),
    notes: live.flatMap(({ line, reading }) => notesOf(reading, line)),
    problems: [
      ...live.flatMap(({ line, reading }) => problemOf(reading, line)),
      ...sectionProblems(others, dialect),
    ],
  }
}

/** Snapshots and pending changes give no values, but Proxmox reads them at the same time and drops as much. */
function sectionProblems<Kind>(sections: readonly Section[], dialect: Dialect<Kind>): ConfigProblem[] {
  const earlier: Kind[] = []
  const problems: ConfigProblem[] = []
  for (const { header, lines } of sections) {
    const kind = header && dialect.kindOf(header.text)
    if (header === undefined || kind === undefined) continue
    const wrong = dialect.checkHeader(kind, earlier)
    if (wrong !== undefined) problems.push({ ...wrong, line: header.number })
    earlier.push(kind)
    for (const line of lines) {
      const { problem } = dialect.readLine(line.text, kind)
      if (problem === undefined) continue
      problems.push({
        ...problem,
        message: `in ${header.text.trimEnd()}: ${problem.message}`,
        line: line.number,
      })
    }
  }
  return problems
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
