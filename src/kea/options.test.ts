import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ipv4, offer } from '../../test/builders.ts'
import { optionsByAddress } from '../../test/keaOptions.ts'
import { addressOf } from '../core/dhcp/offer.ts'
import { renderConfig } from './config.ts'
import { type Option, shareOptions } from './options.ts'

const render = (offers: readonly ReturnType<typeof offer>[]) =>
  renderConfig('dhcp4-1', offers, { lease: 900 }, '/hooks')

const dns = (data: string): Option => ({ name: 'domain-name-servers', data })
const domain = (data: string): Option => ({ name: 'domain-name', data })

test('what most are told is said once, and only the others are told otherwise', () => {
  expect(
    shareOptions([
      [dns('a'), domain('x')],
      [dns('b'), domain('x')],
      [dns('b'), domain('x')],
    ]),
  ).toEqual({
    shared: [dns('b'), domain('x')],
    own: [[dns('a')], [], []],
  })
})

test('what one of them is not told at all is not shared: it would be told it', () => {
  expect(shareOptions([[dns('a'), domain('x')], [dns('a')]])).toEqual({
    shared: [dns('a')],
    own: [[domain('x')], []],
  })
})

test('nobody shares nothing', () => expect(shareOptions([])).toEqual({ shared: [], own: [] }))

/** Guests of two subnets and some addresses that are subnets of their own, alike in much. */
const offers = fc
  .array(
    fc.record({
      prefix: fc.constantFrom('192.0.2.HOST/24', '198.51.100.HOST/25', '203.0.113.HOST/32'),
      gateway: fc.constantFrom(undefined, '192.0.2.1', '10.0.0.1'),
      dns: fc.constantFrom([], [ipv4('192.0.2.53')], [ipv4('192.0.2.53'), ipv4('192.0.2.54')]),
      search: fc.constantFrom([], ['a.example']),
      domain: fc.constantFrom(undefined, 'a.example', 'b.example'),
      mtu: fc.constantFrom(undefined, 1400),
    }),
    { maxLength: 12 },
  )
  .map(list =>
    list.map(({ prefix, gateway, domain: name, mtu, ...told }, index) =>
      offer(100 + index, {
        ...told,
        address: prefix.replace('HOST', String(2 + index)),
        ...(gateway !== undefined && { gateway }),
        ...(name !== undefined && { domain: name }),
        ...(mtu !== undefined && { mtu }),
      }),
    ),
  )

test('whatever others are told, a guest is told what it would be if it were alone', () => {
  fc.assert(
    fc.property(offers, all => {
      const together = optionsByAddress(render(all))
      for (const one of all) {
        const address = addressOf(one)
        const alone = optionsByAddress(render([one])).get(address)
        expect(withoutIdentifier(together.get(address))).toEqual(withoutIdentifier(alone))
      }
    }),
  )
})

/** That one is the subnet's: what it is depends on whether its guests have one gateway. */
function withoutIdentifier(options: Record<string, string> = {}): object {
  const { 'dhcp-server-identifier': _, ...others } = options
  return others
}
