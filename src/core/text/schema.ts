import * as z from 'zod'
import { nearest } from './nearest.ts'
import { quoted } from './quoted.ts'
import { type Mistake, type Path, readYaml, type YamlText } from './yaml.ts'

/** A mistake, and the keys that lead to it. */
export interface MistakeAt extends Mistake {
  readonly path: Path
}

/** A YAML text held against a schema. */
export interface Checked<T> {
  /** Absent when the text breaks the schema. */
  readonly value?: T
  /** Every mistake, of the YAML and against the schema. Of a text that is not YAML at all: only why it is not. */
  readonly mistakes: readonly Mistake[]
  /** Those against the schema alone. */
  readonly broken: readonly MistakeAt[]
  readonly yaml: YamlText
}

/** Reads a YAML text that should follow a schema. Empty text, or nothing but comments, is an empty map. */
export function checkYaml<Schema extends z.ZodType>(text: string, schema: Schema): Checked<z.output<Schema>> {
  const yaml = readYaml(text)
  if (!yaml.wellFormed) return { mistakes: yaml.mistakes, broken: [], yaml }
  const parsed = schema.safeParse(yaml.value ?? {}, { error: inWords, reportInput: true })
  if (parsed.success) {
    const value = yaml.mistakes.length === 0 ? { value: parsed.data } : {}
    return { ...value, mistakes: yaml.mistakes, broken: [], yaml }
  }
  const broken = parsed.error.issues.flatMap(issue => mistakesOf(issue, yaml, schema))
  return { mistakes: inOrder(yaml.mistakes, broken), broken, yaml }
}

/** Schema of a text that one of our own parsers reads; `expected` completes "It must be …". */
export function parsedBy<T extends string | number | object>(
  parse: (text: string) => T | undefined,
  expected: string,
) {
  const error = must(expected)
  return z.string({ error }).transform((input, context) => {
    const value = parse(input)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: error({ input }), input })
    return z.NEVER
  })
}

/** For a schema's `error`: what the value should be, and what it is instead. */
export function must(expected: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) =>
    input === undefined ? `is missing; it must be ${expected}` : `must be ${expected}, not ${shown(input)}`
}

const EXPECTED: Record<string, string> = {
  array: 'a list',
  boolean: '`true` or `false`',
  int: 'a whole number',
  number: 'a number',
  object: 'a map of settings',
  string: 'text',
}

function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' ? must(EXPECTED[issue.expected] ?? issue.expected)(issue) : undefined
}

function shown(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : quoted(String(value))
}

function mistakesOf(issue: z.core.$ZodIssue, yaml: YamlText, schema: z.core.$ZodType): MistakeAt[] {
  if (issue.code !== 'unrecognized_keys') {
    const message = `${nameOf(issue.path)} ${issue.message}.`
    return [{ message, ...yaml.placeOf(issue.path, 'value'), path: issue.path }]
  }
  const known = keysAt(schema, issue.path)
  return issue.keys.map(key => {
    const path = [...issue.path, key]
    const meant = nearest(key, known)
    const remedy = meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`
    return { message: `${nameOf(path)} is not a known key.`, remedy, ...yaml.placeOf(path, 'key'), path }
  })
}

/** `dhcp.exclude[0].tag` */
function nameOf(path: Path): string {
  if (path.length === 0) return 'The text'
  return quoted(
    path
      .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .slice(1),
  )
}

/** The keys a schema knows where a path leads to. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  const at = path.reduce<z.core.$ZodType | undefined>((outer, part) => {
    const inner = unwrapped(outer)
    if (inner instanceof z.ZodArray) return inner.element
    return inner instanceof z.ZodObject ? inner.shape[String(part)] : undefined
  }, schema)
  const map = unwrapped(at)
  return map instanceof z.ZodObject ? Object.keys(map.shape) : []
}

/** What a schema accepts, without what it does for an absent value. */
function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodPipe)
    return unwrapped(schema.in instanceof z.ZodTransform ? schema.out : schema.in)
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault
  ) {
    return unwrapped(schema.unwrap())
  }
  return schema
}

/** As they stand in the text. What could not be read breaks the schema too: only the first reason is told. */
function inOrder(unread: readonly Mistake[], broken: readonly Mistake[]): Mistake[] {
  const placeKey = ({ line, column }: Mistake) => `${line}:${column}`
  const told = new Set(unread.map(placeKey))
  const all = [...unread, ...broken.filter(mistake => !told.has(placeKey(mistake)))].map(
    ({ message, remedy, line, column }) => ({
      message,
      ...(remedy !== undefined && { remedy }),
      line,
      column,
    }),
  )
  return all.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
