import { quoted } from '../../core/text/quoted.ts'
import { isBlank } from './lines.ts'
import type { Read } from './read.ts'
import type { Scalar } from './scalar.ts'

/** What a property string (`key=value,key=value`) may hold. */
export interface PropertySchema {
  readonly properties: Readonly<Record<string, Scalar>>
  readonly required?: readonly string[]
  /** Keys of no use without another one. */
  readonly requires?: Readonly<Record<string, string>>
  /** The key of a value that stands without one. */
  readonly defaultKey?: string
  readonly shorthand?: Shorthand
}

/** Keys that stand for another one, and may be a value themselves: `virtio=MAC` is `model=virtio,macaddr=MAC`. */
interface Shorthand {
  readonly names: readonly string[]
  /** The property that becomes the key. */
  readonly name?: string
  /** The property that becomes the value. */
  readonly value: string
}

/** The properties given, by their full names; booleans are `1` or `0`. */
export type Properties = ReadonlyMap<string, string>

/**
 * Reads a property string as Proxmox's JSON schema does: empty parts count for nothing, blanks belong to
 * keys and values, and anything unknown, repeated or invalid spoils the whole.
 */
export function readProperties(schema: PropertySchema, text: string): Read<Properties> {
  const given = new Map<string, string>()
  let bare = false
  for (const part of text.split(',').filter(part => !isBlank(part))) {
    const wrong = part.includes('=') ? putPair(schema, given, part) : putBare(schema, given, part, bare)
    if (wrong !== undefined) return { wrong }
    bare ||= !part.includes('=')
  }
  return validate(schema, given)
}

type Given = Map<string, string>

function putPair(schema: PropertySchema, given: Given, part: string): string | undefined {
  const equals = part.indexOf('=')
  const key = part.slice(0, equals)
  const value = part.slice(equals + 1)
  if (key === '' || value === '') return `${quoted(part)} lacks a ${key === '' ? 'key' : 'value'}`
  const { shorthand } = schema
  if (!shorthand?.names.includes(key)) return put(given, key, value)
  const twice = shorthand.name === undefined ? undefined : put(given, shorthand.name, key)
  return twice ?? put(given, shorthand.value, value)
}

/** A value without key is taken once. One that was given as `0` does not count as given before. */
function putBare(schema: PropertySchema, given: Given, part: string, again: boolean): string | undefined {
  const key = schema.defaultKey
  if (key === undefined) return `${quoted(part)} lacks a key`
  const before = given.get(key)
  if (again || (before !== undefined && before !== '0')) return `${key} is given twice`
  given.set(key, part)
  return undefined
}

function put(given: Given, key: string, value: string): string | undefined {
  if (given.has(key)) return `${key} is given twice`
  given.set(key, value)
  return undefined
}

function validate(schema: PropertySchema, given: Given): Read<Properties> {
  const values = new Map<string, string>()
  for (const [key, text] of given) {
    const kind = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined
    if (kind === undefined) return { wrong: `${quoted(key)} is not an option that Proxmox knows here` }
    const value = kind.read(text)
    if (value === undefined) return { wrong: `${quoted(`${key}=${text}`)} is not ${kind.expected}` }
    values.set(key, value)
  }
  const wrong = missing(schema, values)
  return wrong === undefined ? { value: values } : { wrong }
}

function missing(schema: PropertySchema, values: Properties): string | undefined {
  const absent = schema.required?.find(key => !values.has(key))
  if (absent !== undefined) return `${absent} is missing`
  const lone = Object.entries(schema.requires ?? {}).find(
    ([key, other]) => values.has(key) && !values.has(other),
  )
  return lone && `${lone[0]} is given without ${lone[1]}`
}
