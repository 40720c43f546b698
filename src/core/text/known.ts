import * as z from 'zod'

/**
 * What of a value its schema knows. The value is not judged: it is of our own making, and to parse a thousand addresses
 * anew takes ten times as long.
 */
export function known<T>(schema: z.ZodType<T>, value: T): T {
  return knownIn(schema, value) as T
}

/** The same as JSON, in pieces, of which each is cheap to make: the first is the brace, and an element of a list is whole. */
export function knownJson(schema: z.ZodObject, value: object): Generator<string> {
  return fieldsJson(schema, value as Record<string, unknown>)
}

function* fieldsJson({ shape }: z.ZodObject, value: Record<string, unknown>): Generator<string> {
  yield '{'
  let comma = ''
  for (const key in shape) {
    const field = shape[key]
    if (!field || value[key] === undefined) continue
    yield `${comma}${JSON.stringify(key)}:`
    yield* valueJson(field, value[key])
    comma = ','
  }
  yield '}'
}

function* valueJson(schema: z.core.$ZodType, value: unknown): Generator<string> {
  if (schema instanceof z.ZodExactOptional) yield* valueJson(schema.unwrap(), value)
  else if (schema instanceof z.ZodArray) yield* elementsJson(schema, value as readonly unknown[])
  else if (schema instanceof z.ZodObject) yield* fieldsJson(schema, value as Record<string, unknown>)
  else yield JSON.stringify(knownIn(schema, value))
}

function* elementsJson({ element }: z.ZodArray, values: readonly unknown[]): Generator<string> {
  yield '['
  let comma = ''
  for (const value of values) {
    yield comma + JSON.stringify(knownIn(element, value))
    comma = ','
  }
  yield ']'
}

function knownIn(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if (schema instanceof z.ZodExactOptional) return knownIn(schema.unwrap(), value)
  if (schema instanceof z.ZodArray) return (value as unknown[]).map(one => knownIn(schema.element, one))
  if (schema instanceof z.ZodDiscriminatedUnion) return knownIn(optionOf(schema, value), value)
  return schema instanceof z.ZodObject ? fieldsOf(schema, value as Record<string, unknown>) : value
}

function fieldsOf({ shape }: z.ZodObject, value: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const key in shape) {
    const field = shape[key]
    if (field && value[key] !== undefined) fields[key] = knownIn(field, value[key])
  }
  return fields
}

function optionOf({ def, options }: z.ZodDiscriminatedUnion, value: unknown): z.core.$ZodType {
  const { discriminator } = def
  const kind = (value as Record<string, unknown>)[discriminator]
  const found = options.find(
    option => option instanceof z.ZodObject && option.shape[discriminator].safeParse(kind).success,
  )
  if (!found) throw new Error(`no ${discriminator} is ${String(kind)}`)
  return found
}
