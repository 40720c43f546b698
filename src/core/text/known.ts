import * as z from 'zod'

/**
 * What of a value its schema knows. The value is not judged: it is of our own making, and to parse a thousand addresses
 * anew takes ten times as long.
 */
export function known<T>(schema: z.ZodType<T>, value: T): T {
  return knownIn(schema, value) as T
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
