import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { quoted } from './quoted.ts'
import { depthOf } from './yamlDepth.ts'

/** Line and column in a text, both 1-based. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Something wrong in a text, and where. */
export interface Mistake extends Place {
  readonly message: string
  readonly remedy?: string
}

/** The keys and indexes that lead to a value. */
export type Path = readonly PropertyKey[]

/** A YAML text as plain values, with the place of everything in it. */
export interface YamlText {
  /** Objects, arrays, strings, numbers, booleans, null. Of a text with mistakes: what could be read. */
  readonly value: unknown
  /** Whether it is YAML at all; if not, `value` may differ from what its writer meant. */
  readonly wellFormed: boolean
  readonly mistakes: readonly Mistake[]
  /** Where the value at a path begins, or its key; for a path that is not there, the nearest value above it. */
  readonly placeOf: (path: Path, part: 'key' | 'value') => Place
}

/** What is noted while a document is turned into plain values. Offsets count UTF-16 units from the text's start. */
interface Reading {
  readonly offsets: Map<string, { key: number; value: number }>
  readonly mistakes: { message: string; offset: number }[]
}

/** The library's words for these speak to programmers. */
const PLAINER = new Map<string, string>([
  ['MULTIPLE_DOCS', 'a second document'],
  ['NON_STRING_KEY', 'a key that is not plain text'],
])

const DEEPEST = 32

/**
 * Reads one YAML 1.2 document (core schema). Any text is accepted: what is wrong with it comes back as mistakes. Takes
 * time linear in the text's length. Aliases are refused, so that a small text cannot mean a huge value.
 */
export function readYaml(source: string): YamlText {
  // YAML ends lines with any of the three; the library takes a lone carriage return for a letter.
  const text = source.replace(/\r\n?/g, '\n')
  if (depthOf(text) > DEEPEST) return unreadable(`The text is nested deeper than ${DEEPEST} levels.`)
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    schema: 'core',
    stringKeys: true,
    prettyErrors: false,
    resolveKnownTags: false,
    // The library compares each key with each other one; `pairsOf` does it in linear time.
    uniqueKeys: false,
    lineCounter,
  })
  const reading: Reading = { offsets: new Map(), mistakes: [] }
  const value = plain(document.contents, [], reading)
  const lineCount = text.replace(/\n$/, '').split('\n').length
  const placeAt = (offset: number) => place(lineCounter, lineCount, offset)
  const malformed = [...document.errors, ...document.warnings].map(error => ({
    message: `This is not valid YAML: ${PLAINER.get(error.code) ?? error.message}.`,
    ...(error.code === 'TAB_AS_INDENT' ? { remedy: 'Indent with blanks.' } : {}),
    ...placeAt(error.pos[0]),
  }))
  return {
    value,
    wellFormed: malformed.length === 0,
    mistakes: [
      ...malformed,
      ...reading.mistakes.map(({ message, offset }) => ({ message, ...placeAt(offset) })),
    ],
    placeOf: (path, part) => placeAt(offsetOf(path, part, reading)),
  }
}

/** A text of which nothing is read; the mistake stands at its start. */
function unreadable(message: string): YamlText {
  const start = { line: 1, column: 1 }
  return { value: null, wellFormed: false, mistakes: [{ message, ...start }], placeOf: () => start }
}

function plain(node: unknown, path: Path, reading: Reading): unknown {
  if (!isNode(node)) return null
  const offset = node.range?.[0] ?? 0
  const key = pathKey(path)
  reading.offsets.set(key, { key: offset, ...reading.offsets.get(key), value: offset })
  if (isMap(node)) return Object.fromEntries(pairsOf(node.items, path, reading))
  if (isSeq(node)) return node.items.map((item, index) => plain(item, [...path, index], reading))
  if (isScalar(node)) return node.value
  if (isAlias(node)) reading.mistakes.push({ message: 'Aliases (`*name`) are not supported here.', offset })
  return null
}

/** A key that is written twice counts as it is written first. */
function pairsOf(
  items: readonly { key: unknown; value: unknown }[],
  path: Path,
  reading: Reading,
): Map<string, unknown> {
  const pairs = new Map<string, unknown>()
  for (const item of items) {
    if (!isScalar(item.key)) continue
    const key = String(item.key.value)
    const offset = item.key.range?.[0] ?? 0
    if (pairs.has(key)) {
      reading.mistakes.push({ message: `${quoted(key)} is written twice.`, offset })
      continue
    }
    reading.offsets.set(pathKey([...path, key]), { key: offset, value: offset })
    pairs.set(key, plain(item.value, [...path, key], reading))
  }
  return pairs
}

function offsetOf(path: Path, part: 'key' | 'value', reading: Reading): number {
  const offset = reading.offsets.get(pathKey(path))
  if (offset !== undefined) return offset[part]
  return path.length === 0 ? 0 : offsetOf(path.slice(0, -1), 'value', reading)
}

function pathKey(path: Path): string {
  return JSON.stringify(path.map(String))
}

/** An unclosed quote or bracket is noticed at the end of the text, past its last line. */
function place(lines: LineCounter, lineCount: number, offset: number): Place {
  const { line, col } = lines.linePos(Math.max(0, offset))
  if (line > lineCount) return { line: lineCount, column: 1 }
  return { line: Math.max(1, line), column: Math.max(1, col) }
}
