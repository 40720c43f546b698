import type * as z from 'zod'

const FORMS = new WeakMap<z.core.$ZodType, readonly z.ZodType[]>()

/**
 * Notes the forms in which something may be written whose schema does not show them, because it turns one into the other first: for
 * editors (docs/policy.schema.json). Mistakes are told by the schema itself.
 */
export function writtenAs<Schema extends z.ZodType>(schema: Schema, ...forms: readonly z.ZodType[]): Schema {
  FORMS.set(schema, forms)
  return schema
}

export function formsOf(schema: z.core.$ZodType): readonly z.ZodType[] | undefined {
  return FORMS.get(schema)
}
