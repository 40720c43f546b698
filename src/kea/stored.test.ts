import { describe, expect, test } from 'vitest'
import { linksOf, observation, offer, slot, slotLink, table } from '../../test/builders.ts'
import { diffDhcp } from '../core/dhcp/diff.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import type { ServerId } from '../core/dhcp/serverId.ts'
import type { DhcpTarget } from '../core/dhcp/target.ts'
import { FAMILIES } from '../core/values/family.ts'
import { renderConfig } from './config.ts'
import { renderSpare } from './spare.ts'
import { readStored, withoutNotes } from './stored.ts'

const OFFERS = [
  offer(100, { gateway: '192.0.2.1', domain: 'a.example', network: { bridge: 'vmbr0', tag: 5 } }),
  offer(101, { type: 'lxc', nic: 1, address: '198.51.100.2/32', mtu: 1400 }),
]

const render = (server: ServerId, offers: readonly Offer[]) =>
  renderConfig(server, offers, { lease: 3600 }, '/hooks')

/** What guestnet notes of itself in a configuration, all that is read back of it. */
function noted(guestnet: object, offers: readonly unknown[]): string {
  const reservations = offers.map(offer => ({ hostname: 'web', 'user-context': { offer } }))
  const networks = [{ name: 'guests', subnet4: [{ id: 1, subnet: '192.0.2.0/24', reservations }] }]
  return JSON.stringify({
    Dhcp4: { 'user-context': { guestnet }, 'valid-lifetime': 3600, 'shared-networks': networks },
  })
}

/** As version 1 wrote it: numbered servers, and offers without a family. */
const FIRST = noted(
  { server: 2 },
  OFFERS.map(({ family: _, ...offer }) => offer),
)
/** As a version yet to come may write it. */
const NEWER = noted({ version: 3, server: 'dhcp4-1' }, [{ family: 'ipv4', addresses: ['192.0.2.100/24'] }])

describe('what a Kea serves is read back from its configuration, offer for offer,', () => {
  test('as it was written', () => {
    expect(readStored(render('dhcp4-3', OFFERS))).toEqual({
      kind: 'served',
      served: { server: 'dhcp4-3', offers: OFFERS },
    })
  })

  test('and makes the same configuration again, so that the Kea that has it may go on', () => {
    const text = render('dhcp4-3', OFFERS)
    const stored = readStored(text)
    expect(render('dhcp4-3', stored?.kind === 'served' ? stored.served.offers : [])).toBe(text)
  })

  test('also where nothing is offered', () => {
    expect(readStored(render('dhcp4-1', []))).toEqual({
      kind: 'served',
      served: { server: 'dhcp4-1', offers: [] },
    })
  })

  test.each(FAMILIES)('also that it serves nothing yet: %s', family => {
    expect(readStored(renderSpare(family, '/hooks'))).toEqual({ kind: 'spare', family })
  })

  test('also as the first version wrote it, which knew IPv4 only', () => {
    expect(readStored(FIRST)).toEqual({ kind: 'served', served: { server: 'dhcp4-2', offers: OFFERS } })
  })
})

test('what Kea itself is told lacks the offers only, and still says whose configuration it is', () => {
  const text = render('dhcp4-3', OFFERS)
  const withNotes = JSON.parse(text)
  const told = JSON.parse(withoutNotes(text))
  for (const { reservations } of withNotes.Dhcp4['shared-networks'][0].subnet4)
    for (const reservation of reservations) delete reservation['user-context']
  expect(told).toEqual(withNotes)
  expect(told.Dhcp4['user-context']).toEqual({ guestnet: { version: 2, server: 'dhcp4-3' } })
})

describe('a configuration of guestnet’s is known as one, though not what it serves,', () => {
  test.each([
    ['where a newer version wrote it', NEWER],
    ['where a newer version wrote offers as this one does', noted({ version: 3, server: 'dhcp4-1' }, OFFERS)],
    [
      'where its offers have another shape',
      noted({ version: 2, server: 'dhcp4-1' }, [{ address: '192.0.2.1' }]),
    ],
    ['where one offer of several has', noted({ version: 2, server: 'dhcp4-1' }, [OFFERS[0], {}])],
    ['where its server is none', noted({ version: 2, server: 'dhcp4-0' }, OFFERS)],
    [
      'where an address is not as this version would write it',
      FIRST.replace('198.51.100.2/32', '198.51.100.2'),
    ],
  ])('%s', (_, text) => expect(readStored(text)).toEqual({ kind: 'unknown' }))
})

test.each(['', '{}', 'null', '[]', '7', '{"Dhcp4": {}}', render('dhcp4-1', OFFERS).slice(0, -100)])(
  'a configuration that is none of guestnet’s is not read: %j',
  text => expect(readStored(text)).toBeUndefined(),
)

describe('a Kea of which it is not known what it serves', () => {
  const link = slotLink(1)
  const config = render('dhcp4-1', OFFERS)
  const target: DhcpTarget = {
    ports: [],
    servers: new Map([['dhcp4-1', OFFERS]]),
    configs: new Map([['dhcp4-1', config]]),
    complete: true,
  }
  const seen = observation({
    links: linksOf('tap999i0'),
    ports: table({
      switches: new Map([['dhcp4-1', link]]),
      open: new Set([link]),
      chains: new Map([['tap999i0', [{ label: 'VM 999 net0', packets: 3 }]]]),
    }),
    slots: [slot(1, { config: NEWER, pid: 77, unknown: true })],
  })

  test('is replaced by one that is known, once all guests are', () => {
    const changes = diffDhcp(target, seen, slotLink)
    expect(changes).toContainEqual({
      kind: 'server-start',
      server: 'dhcp4-1',
      slot: 2,
      config,
      offers: OFFERS,
    })
    expect(changes).toContainEqual({
      kind: 'server-switch',
      server: 'dhcp4-1',
      slot: 2,
      link: slotLink(2),
    })
    expect(changes.at(-1)).toEqual({ kind: 'server-retire', slot: 1, pid: 77 })
  })

  test('is left alone, and all else with it, while guests may be missing: it may be all that serves them', () => {
    expect(diffDhcp({ ...target, complete: false }, seen, slotLink)).toEqual([])
  })

  test('is left alone only then: what is known to be served is changed with half a view of the cluster, too', () => {
    const known = { ...seen, slots: [slot(1, { config: 'old', pid: 77 })] }
    expect(diffDhcp({ ...target, complete: false }, known, slotLink)).not.toEqual([])
  })
})
