import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { parsePolicy } from '../src/core/policy/policy.ts'
import {
  documentedKeys,
  documentedPolicies,
  forms,
  pathsIn,
  policyJsonSchema,
  schemasAt,
} from './policyDocument.ts'

const FILE = join(import.meta.dirname, '../docs/policy.schema.json')

/** `UPDATE=1 npx vitest run test/policySchema.test.ts` publishes what is true now: to be read in review. */
test('the published schema of the policy is the one that holds', () => {
  const made = JSON.stringify(policyJsonSchema(), undefined, 2)
  if (process.env.UPDATE === '1') writeFileSync(FILE, `${made}\n`)
  // How the file is laid out is the formatter's matter.
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(made))
})

const schema = policyJsonSchema()
const isAccepted = new Ajv2020({ strictTuples: false, allowUnionTypes: true }).compile(schema)

/** Whether an editor that goes by the schema, and guestnet, take a text for a policy. */
function judged(yaml: string): { editor: boolean; guestnet: boolean } {
  return { editor: isAccepted(parse(yaml)), guestnet: parsePolicy(yaml, 'guestnet.yaml').ok }
}

const ANNOUNCE =
  'announce: {table: 100, networks: [{bridge: vmbr0, prefixes: [192.0.2.0/24]}, {bridge: vmbr0, tag: 5, prefixes: [192.0.2.0/24]}]}\n'

/** An example with the parts that it leaves out. */
function completed(yaml: string): string {
  const { bgp, ...parts } = (parse(yaml) ?? {}) as Record<string, object>
  const peers = ['rtr01', 'rtr02'].map((name, index) => ({
    name,
    as: 65_000,
    address: `192.0.2.${index + 1}`,
  }))
  return stringify({
    ...(parse(ANNOUNCE) as object),
    ...parts,
    bgp: { as: 65_001, peers, ...bgp },
  })
}

describe('an editor', () => {
  test.each([
    ...documentedPolicies().map(completed),
    '{}',
    'dhcp:\n',
    'dhcp: {lease: 3600}\nconflicts: {grace: 0}',
    `${ANNOUNCE}bgp: external`,
    `${ANNOUNCE}bgp: {as: {pve1: 1}, routerId: auto, peers: [{name: a, as: 2, address: 192.0.2.1}]}`,
  ])('has nothing to say against %s', yaml => {
    expect(judged(yaml)).toEqual({ editor: true, guestnet: true })
  })

  test.each([
    'dhcp: {leas: 1h}',
    'dhcp: {enabled: yes please}',
    'dhcp: {lease: soon}',
    'dhcp: {exclude: [{bridge: vmbr0, tag: 4095}]}',
    'changes: {share: half}',
    'announce: {table: 100}',
    'announce: {table: 1.5, networks: [{bridge: vmbr0, prefixes: [192.0.2.0/24]}]}',
    'announce: {table: 100, notes: true, networks: [{bridge: vmbr0, prefixes: [192.0.2.0/24]}]}',
    'announce: {table: 100, networks: [{bridge: vmbr0, prefixes: []}]}',
    'bgp: internal',
    'bgp: {as: none, peers: [{name: a, as: 2, address: 192.0.2.1}]}',
    'bgp: {as: 1, peers: [{name: a, as: 2, address: 192.0.2.1, families: [ipx]}]}',
    'http: {listen: 8068}',
    'http: {listen: "[::]:8068", users: [alice]}',
    'colour: red',
  ])('shows the mistake in %s', yaml => {
    expect(judged(yaml)).toEqual({ editor: false, guestnet: false })
  })
})

describe('the tables of docs/policy.md', () => {
  const keys = documentedKeys()

  test('have a row for each key, and for no other', () => {
    const documented = new Set(keys.map(({ path }) => path))
    const tables = [...documented].map(path => path.slice(0, path.lastIndexOf('.')))
    const isDocumented = (path: string) => {
      const [, outer = '', key = ''] = /^(.*)\.([^.]+)$/.exec(path) ?? []
      // Or it is named where what it belongs to is explained.
      return documented.has(path) || keys.some(row => row.path === outer && row.value.includes(`\`${key}\``))
    }
    const inSchema = pathsIn(schema).filter(path => path.includes('.') && !tables.includes(path))
    expect(inSchema.filter(path => !isDocumented(path) && !isOfNetwork(path))).toEqual([])
    expect([...documented].filter(path => !pathsIn(schema).includes(path))).toEqual([])
  })

  test('say of those that are required that they are', () => {
    const required = keys.filter(({ path }) => {
      const [, outer = '', key = ''] = /^(.*)\.([^.]+)$/.exec(path) ?? []
      return schemasAt(schema, outer)
        .flatMap(forms)
        .some(form => form.required?.includes(key))
    })
    expect(keys.filter(({ without }) => without === 'required')).toEqual(required)
  })

  const defaults = keys.flatMap(({ path, without }) => {
    const value = /^`([^`]+)`/.exec(without)?.[1]
    return value === undefined ? [] : [[path, value] as const]
  })

  test.each(defaults)('say rightly what holds without %s: %s', (path, value) => {
    expect(policyWith(path, parse(value))).toEqual(policyWith(path, undefined))
  })
})

/** The networks of `dhcp` are explained once, below their table; those of `guard` are the same. */
function isOfNetwork(path: string): boolean {
  return /^(?:dhcp|guard)\.(?:exclude|only|networks)\[\]\.(?:bridge|tag)$/.test(path)
}

/** The smallest policy with all its parts, and in it a key as given. */
function policyWith(path: string, value: unknown): unknown {
  const policy = {
    dhcp: { networks: [{ bridge: 'vmbr0' }] },
    conflicts: {},
    changes: {},
    guard: { extra: { 100: {} } },
    http: { listen: '[::]:8068' },
    announce: { table: 100, networks: [{ bridge: 'vmbr0', prefixes: ['192.0.2.0/24'] }] },
    bgp: {
      as: 65001,
      peers: [{ name: 'a', as: 65000, address: '192.0.2.1' }],
      blackholes: [{ vmid: 100, until: '2030-01-01T00:00Z' }],
    },
  }
  const steps = path.replaceAll('[]', '.0').split('.')
  const last = steps.pop() ?? ''
  const place = steps.reduce<Record<string, unknown>>(
    (outer, step) => outer[step] as Record<string, unknown>,
    policy,
  )
  if (value !== undefined) place[last] = value
  const parsed = parsePolicy(stringify(policy), 'guestnet.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  return parsed.policy
}
