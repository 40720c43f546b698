import { bold, heading, italic, paragraph, roff, tagged, titled, verbatim } from './roff.ts'

/** As much of a JSON schema as the policy's has: docs/policy.schema.json, made from what reads the policy. */
export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
}

/** A key of the policy, such as `announce.networks[].bridge`. */
export interface PolicyKey {
  readonly path: string
  readonly description: string
}

/** All keys that have a description, in the order of the schema, those within before what comes after. */
export function policyKeys(schema: JsonSchema): PolicyKey[] {
  const seen = new Set<string>()
  // Alternatives may have keys in common.
  return keysWithin(schema, '').filter(({ path }) => !seen.has(path) && seen.add(path))
}

function keysWithin({ properties = {}, items, anyOf = [] }: JsonSchema, path: string): PolicyKey[] {
  const named = Object.entries(properties).flatMap(([key, value]) =>
    keyAndWithin(value, path === '' ? key : `${path}.${key}`),
  )
  const listed = items ? keysWithin(items, `${path}[]`) : []
  return [...named, ...listed, ...anyOf.flatMap(choice => keysWithin(choice, path))]
}

function keyAndWithin(schema: JsonSchema, path: string): PolicyKey[] {
  const { description } = schema
  return [...(description === undefined ? [] : [{ path, description }]), ...keysWithin(schema, path)]
}

/** guestnet.yaml(5). */
export function policyPage(
  schema: JsonSchema,
  { version, date, example }: { version: string; date: string; example: string },
): string {
  const keys = policyKeys(schema)
  const parts = [...new Set(keys.map(({ path }) => path.split('.')[0] ?? ''))]
  return [
    titled({ name: 'guestnet.yaml', section: 5, date, version, manual: 'File formats' }),
    heading('NAME'),
    roff('guestnet.yaml - what guestnet serves and announces'),
    heading('SYNOPSIS'),
    paragraph(italic('/etc/pve/guestnet.yaml')),
    heading('DESCRIPTION'),
    paragraph(
      roff(
        'The policy of guestnet(8), one for the cluster, which Proxmox VE replicates to every node. It is optional: without it every guest with a static address is served by DHCP, and nothing is announced. A change takes effect at once. A policy with mistakes changes nothing: all of them are told, with line and column, and the last good policy stays in force.',
      ),
    ),
    ...parts.flatMap(part => [
      heading(`THE PART ${part.toUpperCase()}`),
      ...keys
        .filter(({ path }) => path.split('.')[0] === part)
        .map(({ path, description }) => tagged(bold(path), roff(description))),
    ]),
    heading('EXAMPLE'),
    verbatim(example.split('\n')),
    heading('FILES'),
    tagged(
      italic('/usr/share/guestnet/policy.schema.json'),
      roff('for editors that complete and check YAML by a JSON schema'),
    ),
    heading('SEE ALSO'),
    paragraph(`${bold('guestnet')}(8)`),
    '',
  ].join('\n')
}
