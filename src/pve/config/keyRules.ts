import { quoted } from '../../core/text/quoted.ts'
import { type PropertySchema, readProperties } from './propertyString.ts'
import type { Read } from './read.ts'
import { BOOLEAN, type Scalar, scalar } from './scalar.ts'

/** Reads the value of a key of a guest's file: as Proxmox keeps it, or why Proxmox takes it for invalid. */
export type KeyRule = (text: string) => Read<string>

/** The keys of a kind of file by name; a key that is not here is unknown to Proxmox. */
export type KeyRules = ReadonlyMap<string, KeyRule>

/** No value of a file may hold a carriage return, which only text after it keeps from being cut off. */
function oneLine(rule: KeyRule): KeyRule {
  return text => (text.includes('\r') ? { wrong: 'the value holds a carriage return' } : rule(text))
}

export function plain({ read, expected }: Scalar): KeyRule {
  return oneLine(text => {
    const value = read(text)
    return value === undefined ? { wrong: `${quoted(text)} is not ${expected}` } : { value }
  })
}

export function properties(schema: PropertySchema): KeyRule {
  return oneLine(text => {
    const read = readProperties(schema, text)
    return 'wrong' in read ? read : { value: text }
  })
}

export const boolean = plain(BOOLEAN)
export const integer = plain({
  expected: 'a whole number',
  // Leading zeros go; a number too long for a counter is nothing any key here has use for.
  read: text => (/^[0-9]+$/.test(text) ? String(Number(text)) : undefined),
})
export const number = plain(scalar('a number', /^[0-9]+(?:\.[0-9]+)?$/))

/** Any text; also that of keys whose inner rules are of no use here. */
export const text: KeyRule = oneLine(value => ({ value }))

/** Any text, without the one pair of double quotes it may stand in. */
export const quotable: KeyRule = oneLine(value => ({ value: value.replace(/^"(.*)"$/s, '$1') }))

/** The same rule for each of some keys, with blanks between their names. */
export function each(rule: KeyRule, names: string): [string, KeyRule][] {
  return names
    .trim()
    .split(/\s+/)
    .map(name => [name, rule])
}

/** The same rule for `name0` to the last index. */
export function numbered(rule: KeyRule, name: string, count: number): [string, KeyRule][] {
  return Array.from({ length: count }, (_, index) => [`${name}${index}`, rule])
}
