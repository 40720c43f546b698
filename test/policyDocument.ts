import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Policy } from '../src/core/policy/policy.ts'
import { formsOf } from '../src/core/policy/writtenAs.ts'

/** What docs/policy.md says of a key of the policy. */
export interface DocumentedKey {
  /** `bgp.peers[].name` */
  readonly path: string
  readonly value: string
  readonly without: string
}

/** What the tables of lists have as the head of their first column. */
const LISTS: Record<string, string> = {
  'key of a peer': 'peers[].',
  'key of an entry of `export`': 'export[].',
  'key of an entry of `extra`': 'extra.100.',
  'key of an entry of `blackholes`': 'blackholes[].',
}

const DOCUMENT = readFileSync(join(import.meta.dirname, '../docs/policy.md'), 'utf8')

/** The keys in the tables of docs/policy.md, up to where it turns to Notes; a row may have several. */
export function documentedKeys(): DocumentedKey[] {
  const keys: DocumentedKey[] = []
  let part = ''
  let prefix = ''
  const [ofPolicy = ''] = DOCUMENT.split(/^## The block in a guest's Notes$/m)
  for (const line of ofPolicy.split('\n')) {
    part = /^### `([a-z]+)`$/i.exec(line)?.[1] ?? part
    const cells = line.split(/(?<!\\)\|/).map(cell => cell.trim())
    const [, names = '', value = '', without = ''] = cells
    if (/^key(?: of|$)/.test(names)) prefix = `${part}.${LISTS[names] ?? ''}`
    else if (cells.length === 5 && names.startsWith('`'))
      for (const [, name] of names.matchAll(/`([^`]+)`/g))
        keys.push({ path: `${prefix}${name}`, value, without })
  }
  return keys
}

/** The YAML examples of the document, of which some show one part of a policy only. */
export function documentedPolicies(): string[] {
  const [ofPolicy = ''] = DOCUMENT.split(/^## The block in a guest's Notes$/m)
  return [...ofPolicy.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => yaml)
}

/** A JSON Schema, as far as it is looked into here. */
export interface JsonSchema {
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  /** Of a map by VMID, of which 100 stands for any. */
  additionalProperties?: JsonSchema | boolean
  anyOf?: JsonSchema[]
  description?: string
  type?: unknown
}

/** What docs/policy.schema.json should be: made from the schema that holds, with what the document says of each key. */
export function policyJsonSchema(): JsonSchema {
  const schema = jsonSchemaOf(Policy)
  for (const part of Object.values(schema.properties ?? {})) orNothing(part)
  for (const key of documentedKeys()) {
    for (const found of schemasAt(schema, key.path)) found.description = describe(key)
  }
  return {
    ...schema,
    ...{ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'The policy of guestnet' },
    description:
      'What each key means, and what holds without it: docs/policy.md. `guestnet policy check` tells every mistake.',
  }
}

function jsonSchemaOf(of: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(of, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const forms = formsOf(zodSchema)
      if (forms) return replace(jsonSchema, { anyOf: forms.map(jsonSchemaOf) })
      // What stands for an absent value need not be written, and is not written that way.
      delete jsonSchema.default
      if (zodSchema instanceof z.ZodObject && jsonSchema.required) {
        jsonSchema.required = jsonSchema.required.filter(key => !mayBeAbsent(zodSchema.shape[key]))
        if (jsonSchema.required.length === 0) delete jsonSchema.required
      }
    },
  })
  return schema as JsonSchema
}

function mayBeAbsent(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && z.safeParse(schema, undefined).success
}

/** A part with all its keys commented out. */
function orNothing(part: JsonSchema): void {
  replace(part, { anyOf: [{ ...part }, { type: 'null' }] })
}

function replace(schema: object, by: JsonSchema): void {
  for (const key of Object.keys(schema)) delete (schema as Record<string, unknown>)[key]
  Object.assign(schema, by)
}

/** The schemas that a path such as `bgp.peers[].name` leads to. */
export function schemasAt(schema: JsonSchema, path: string): JsonSchema[] {
  return path
    .replaceAll('[]', '.[]')
    .split('.')
    .reduce<JsonSchema[]>(
      (found, step) =>
        found
          .flatMap(forms)
          .flatMap(form => (step === '[]' ? form.items : (form.properties?.[step] ?? mapOf(form))) ?? []),
      [schema],
    )
}

/** Every path that a policy can have. */
export function pathsIn(schema: JsonSchema, path = ''): string[] {
  return forms(schema).flatMap(form => [
    ...Object.entries(form.properties ?? {}).flatMap(([key, inner]) => {
      const own = path === '' ? key : `${path}.${key}`
      return [own, ...pathsIn(inner, own)]
    }),
    ...(form.items ? pathsIn(form.items, `${path}[]`) : []),
    ...[mapOf(form)].flatMap(inner => (inner ? pathsIn(inner, `${path}.100`) : [])),
  ])
}

function mapOf({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** One, or those of which it may be any. */
export function forms(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ? schema.anyOf.flatMap(forms) : [schema]
}

function describe({ value, without }: DocumentedKey): string {
  const rest = without === '' || without === 'required' ? '' : `; without it: ${without}`
  return plain(`${value}${rest}`)
}

/** Without links and code marks. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/ ?\(\[[^\]]*\]\([^)]*\)\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
}
