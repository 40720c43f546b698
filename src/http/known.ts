import * as z from 'zod'
import { memoOf } from '../core/values/memo.ts'

/**
 * What of a value its schema knows, as JSON in pieces, of which each is cheap to make: the first is the brace, and an element of a
 * list is whole. The value is not judged: it is of our own making, and to parse a thousand addresses anew takes ten times as long.
 */
export function knownJson(schema: z.ZodObject, value: object): Generator<string> {
  return fieldsJson(schema, value as Record<string, unknown>)
}

function* fieldsJson({ shape }: z.ZodObject, value: Record<string, unknown>): Generator<string> {
  yield '{'
  let comma = ''
  for (const [key, field] of Object.entries(shape)) {
    if (value[key] === undefined) continue
    yield `${comma}${JSON.stringify(key)}:`
    yield* valueJson(field, value[key])
    comma = ','
  }
  yield '}'
}

function* valueJson(schema: z.core.$ZodType, value: unknown): Generator<string> {
  if (schema instanceof z.ZodExactOptional) yield* valueJson(schema.unwrap(), value)
  else if (schema instanceof z.ZodArray) yield* elementsJson(knowerOf(schema.element), value as unknown[])
  else if (schema instanceof z.ZodObject) yield* fieldsJson(schema, value as Record<string, unknown>)
  else yield JSON.stringify(knowerOf(schema)(value))
}

function* elementsJson(know: Knower, values: readonly unknown[]): Generator<string> {
  yield '['
  let comma = ''
  for (const value of values) {
    yield comma + JSON.stringify(know(value))
    comma = ','
  }
  yield ']'
}

/** Makes of a value what a schema knows of it. */
type Knower = (value: unknown) => unknown

/** Found once for each schema: which kind one is, is a question that takes longer than all the rest. */
const knowerOf: (schema: z.core.$ZodType) => Knower = memoOf(schema => {
  if (schema instanceof z.ZodExactOptional) return knowerOf(schema.unwrap())
  if (schema instanceof z.ZodArray) {
    const know = knowerOf(schema.element)
    return values => (values as unknown[]).map(value => know(value))
  }
  if (schema instanceof z.ZodDiscriminatedUnion) return knowerOfUnion(schema)
  return schema instanceof z.ZodObject ? knowerOfObject(schema) : value => value
})

function knowerOfObject({ shape }: z.ZodObject): Knower {
  const fields = Object.entries(shape).map(([key, field]) => [key, knowerOf(field)] as const)
  return value => {
    const known: Record<string, unknown> = {}
    for (const [key, know] of fields) {
      const field = (value as Record<string, unknown>)[key]
      if (field !== undefined) known[key] = field === null ? null : know(field)
    }
    return known
  }
}

function knowerOfUnion({ def, options }: z.ZodDiscriminatedUnion): Knower {
  const { discriminator } = def
  const knowers = new Map<unknown, Knower>()
  return value => {
    const kind = (value as Record<string, unknown>)[discriminator]
    const known = knowers.get(kind)
    if (known) return known(value)
    const option = options.find(
      one => one instanceof z.ZodObject && one.shape[discriminator].safeParse(kind).success,
    )
    if (!option) throw new Error(`no ${discriminator} is ${String(kind)}`)
    knowers.set(kind, knowerOf(option))
    return knowerOf(option)(value)
  }
}
