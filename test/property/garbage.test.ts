import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { toGuest } from '../../src/pve/config/guest.ts'
import { parseGuestConfig } from '../../src/pve/config/parsedConfig.ts'
import { linksOf, observation, vm, vmidOf } from '../builders.ts'
import { fixture, RECORDED, type Said, WRITTEN } from '../said.ts'
import { converge, type Run } from './nodeModel.ts'

/**
 * What programs and files say may be cut off, of another version, or somebody's hand may have been in it. Whoever reads it gets
 * a value of its type, or refuses it by an error that is meant for that; nothing else is thrown, and no reader comes to no end.
 */

/** What a part of a text may become: near to what is read, and far from it. */
const token = fc.oneof(
  fc.constantFrom(
    ...['"', '\\', '{', '}', '[', ']', ',', ':', '=', '#', '\n', '\r\n', '\0', ' ', '\t', '/', '%'],
  ),
  fc.constantFrom(
    ...['-1', '0', '1e400', '1.5', '99999999999999999999', '0x', '0xffffffffffff', 'null', 'true'],
  ),
  fc.constantFrom(
    ...['{}', '[]', '""', '"__proto__":', '\u2028', '\ud800', '::', '0.0.0.0/0', '::/0', '%zz', '+'],
  ),
  fc.constantFrom(
    '['.repeat(5000),
    '{"a":'.repeat(5000),
    'a'.repeat(5000),
    '(('.repeat(2000),
    ' '.repeat(5000),
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
)

type Edit = (text: string) => string

/** Where, and how much, as shares of the whole. */
const place = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 40 }))

const at = (text: string, share: number) => Math.floor(share * text.length)

const edit: fc.Arbitrary<Edit> = fc.oneof(
  place.map(
    ([share, length]): Edit =>
      text =>
        text.slice(0, at(text, share)) + text.slice(at(text, share) + length),
  ),
  place.map(
    ([share]): Edit =>
      text =>
        text.slice(0, at(text, share)),
  ),
  fc.tuple(place, token).map(
    ([[share, length], put]): Edit =>
      text => {
        const begin = at(text, share)
        return text.slice(0, begin) + put + text.slice(begin + length)
      },
  ),
  fc.tuple(place, fc.integer({ min: 2, max: 300 })).map(
    ([[share, length], times]): Edit =>
      text => {
        const begin = at(text, share)
        return (
          text.slice(0, begin) + text.slice(begin, begin + length).repeat(times) + text.slice(begin + length)
        )
      },
  ),
  // A value of JSON becomes another one.
  fc.tuple(fc.nat(), token).map(
    ([which, put]): Edit =>
      text => {
        const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null/g)]
        const value = values[which % Math.max(1, values.length)]
        if (value === undefined) return put
        return text.slice(0, value.index) + put + text.slice(value.index + value[0].length)
      },
  ),
)

const edits = fc.array(edit, { minLength: 1, maxLength: 4 })

/** Errors that say: this is not what was asked for; or what Kea says itself of why it does not answer. */
function isRefusal(error: unknown): boolean {
  if (error instanceof z.ZodError) return true
  return error instanceof Error && (error.name === 'Error' || error.message.includes('JSON'))
}

/** Nothing in a value is a number that no reader's type has. */
function expectSound(value: unknown): void {
  if (typeof value === 'number') expect(value, 'a number').toSatisfy(Number.isFinite)
  else if (value instanceof Map || value instanceof Set) for (const item of value) expectSound(item)
  else if (Array.isArray(value)) for (const item of value) expectSound(item)
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) expectSound(item)
}

async function expectRead({ read, refuses }: Said, text: string): Promise<void> {
  try {
    expectSound(await read(text))
  } catch (error) {
    if (!refuses || !isRefusal(error)) throw error
  }
}

const ALL = [...RECORDED, ...WRITTEN]

test.each(ALL.map(said => [said.file, said] as const))('%s is read', async (file, said) => {
  const value = await said.read(fixture(file))
  expect(value).toBeDefined()
  expectSound(value)
})

test.each(ALL.map(said => [said.file, said] as const))(
  '%s, whatever became of it, is read or refused',
  async (file, said) => {
    const whole = fixture(file)
    await fc.assert(
      fc.asyncProperty(edits, async changes => {
        await expectRead(
          said,
          changes.reduce((text, change) => change(text), whole),
        )
      }),
      { numRuns: 100 },
    )
  },
)

describe('one entry of what ip lists that is not as expected takes nothing from the others:', () => {
  const lists = RECORDED.filter(({ file }) => file.startsWith('ip-') && file !== 'ip-link-device.json')
  const odd = fc.constantFrom(null, 7, 'x', {}, [], {
    ifname: 7,
    dst: null,
    dev: {},
    priority: 'x',
    name: [],
  })

  test.each(lists.map(said => [said.file, said] as const))('%s', (file, { read }) => {
    const entries = JSON.parse(fixture(file)) as unknown[]
    fc.assert(
      fc.property(fc.nat({ max: entries.length }), odd, (index, entry) => {
        const text = JSON.stringify(entries.toSpliced(index, 0, entry))
        expect(read(text)).toEqual(read(JSON.stringify(entries)))
      }),
      { numRuns: 30 },
    )
  })
})

describe('whatever one guest’s file says', () => {
  const OTHERS = [101, 102, 103].map(vmid => vm(vmid, [{ ip: `192.0.2.${vmid}/24` }]))
  const LINKS = linksOf('tap100i0', ...OTHERS.map(({ vmid }) => `tap${vmid}i0`))
  const SERVED = converge(OTHERS, observation({ links: LINKS }))
  const [victim] = SERVED.intent.offers
  const offersOfOthers = ({ intent }: Run) => intent.offers.filter(({ vmid }) => vmid !== 100)

  test('the others go on being served what they were, also where it wants the address and the hardware address of one', () => {
    const whole = fixture('qemu.conf')
      .replace('203.0.113.10/32', '192.0.2.101/24')
      .replace('52:54:00:9E:CC:1E', victim?.mac ?? '')
    fc.assert(
      fc.property(fc.constantFrom(whole, fixture('qemu.conf')), edits, (text, changes) => {
        const parsed = parseGuestConfig(
          changes.reduce((now, change) => change(now), text),
          'qemu',
        )
        const guest = toGuest(parsed, { node: 'pve1', file: '100.conf', vmid: vmidOf(100) })
        const run = converge([...OTHERS, guest], SERVED.node)
        expect(offersOfOthers(run)).toEqual(SERVED.intent.offers)
        expect(run.changes.flatMap(change => ('link' in change ? change.link : []))).not.toContain('tap101i0')
      }),
      { numRuns: 200 },
    )
  })
})
