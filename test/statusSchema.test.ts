import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { StatusSchema } from '../src/core/report/schema.ts'

const FILE = join(import.meta.dirname, '../docs/status.schema.json')

/** Values that only their parsers make, such as addresses, are texts to whoever reads them. */
function jsonSchema(): string {
  const schema = z.toJSONSchema(StatusSchema, {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (zodSchema._zod.def.type === 'custom') made.type = 'string'
    },
  })
  const title = 'What `guestnet status --output json` prints'
  const description =
    'A field that is removed or means something else makes another `version`; new fields and new codes may come within one.'
  return `${JSON.stringify({ ...schema, title, description }, undefined, 2)}\n`
}

/** `UPDATE=1 npx vitest run test/statusSchema.test.ts` publishes what is true now: to be read in review. */
test('the published schema of status is the one that holds', () => {
  if (process.env.UPDATE === '1') writeFileSync(FILE, jsonSchema())
  // How the file is laid out is the formatter's matter.
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(jsonSchema()))
})
