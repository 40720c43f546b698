import { expect, test } from 'vitest'
import { vmidOf } from '../../test/builders.ts'
import type { Announcement } from '../core/announcing/announcement.ts'
import { parseCommunity } from '../core/values/community.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import { readGuests, renderGuests } from './guests.ts'

const AS = 4220000001
const TOLD = { as: AS, exports: [], devices: ['vmbr0', 'vmbr0.5'] }

function announcement(net: string, vmid: number, communities: readonly string[] = []): Announcement {
  const prefix = parsePrefix(net)
  if (prefix === undefined) throw new Error(net)
  return {
    prefix,
    vmid: vmidOf(vmid),
    device: 'vmbr0.5',
    communities: communities.flatMap(text => parseCommunity(text) ?? []),
    since: 1_800_000_000 + vmid,
  }
}

const ANNOUNCED = [
  announcement('203.0.113.10/32', 100),
  announcement('203.0.113.9/32', 101, ['65000:7', '65000:1:2']),
  announcement('2001:db8:a::/64', 100),
]

/** The routes as guestnet first wrote them: without a word about each. */
const OLDER = `# What guestnet announces for the guests of this node.
route 203.0.113.10/32 via "vmbr0.5" { guestnet_since = 1800000100; bgp_large_community.add((4220000001, 1, 100)); };
route 203.0.113.9/32 via "vmbr0.5" { guestnet_since = 1800000101; bgp_large_community.add((4220000001, 1, 101)); bgp_community.add((65000, 7)); bgp_large_community.add((65000, 1, 2)); };
`

test('each family has its routes, with the guest in a large community, and a comment before each', () => {
  expect(renderGuests(ANNOUNCED, 'ipv4', TOLD)).toBe(`# What guestnet announces for the guests of this node.
# {"prefix":"203.0.113.10/32","vmid":100,"device":"vmbr0.5","communities":[],"since":1800000100}
route 203.0.113.10/32 via "vmbr0.5" { guestnet_since = 1800000100; bgp_large_community.add((4220000001, 1, 100)); };
# {"prefix":"203.0.113.9/32","vmid":101,"device":"vmbr0.5","communities":["65000:7","65000:1:2"],"since":1800000101}
route 203.0.113.9/32 via "vmbr0.5" { guestnet_since = 1800000101; bgp_large_community.add((4220000001, 1, 101)); bgp_community.add((65000, 7)); bgp_large_community.add((65000, 1, 2)); };
`)
  expect(renderGuests(ANNOUNCED, 'ipv6', TOLD)).toContain('\nroute 2001:db8:a::/64 via "vmbr0.5" {')
})

test('a route says which network it belongs to, where a rule is for one', () => {
  const exports = [
    { bridge: 'vmbr1', prepend: 1 },
    { bridge: 'vmbr0', tag: 5, med: 7 },
  ]
  const networks = [{ bridge: 'vmbr0', tag: 5 }, { bridge: 'vmbr0' }]
  const announced = networks.map((network, index) => ({
    ...announcement(`203.0.113.${index}/32`, 100),
    network,
  }))
  const text = renderGuests(announced, 'ipv4', { ...TOLD, exports })
  expect(text).toContain(
    'route 203.0.113.0/32 via "vmbr0.5" { guestnet_since = 1800000100; guestnet_network = 2; bgp_',
  )
  expect(text).toContain(
    'route 203.0.113.1/32 via "vmbr0.5" { guestnet_since = 1800000100; guestnet_network = 0; bgp_',
  )
  expect(readGuests(text)).toEqual(announced)
})

test('a guest is announced while its own port is up, and the link that leads to its network is told all the same', () => {
  const guests = [{ ...announcement('203.0.113.10/32', 100), port: 'tap100i0' }]
  const text = renderGuests(guests, 'ipv4', TOLD)
  expect(text).toContain(
    '\nroute 203.0.113.10/32 via "tap100i0" { guestnet_since = 1800000100; guestnet_device = 2; ',
  )
  expect(text).toContain('"device":"vmbr0.5","port":"tap100i0",')
  expect(readGuests(text)).toEqual(guests)
})

test('what is to be dropped is a route of BIRD’s own, whatever becomes of the guest’s link', () => {
  const hole = { ...announcement('203.0.113.10/32', 100, ['65535:666']), blackhole: 1_900_000_000 }
  const text = renderGuests([hole], 'ipv4', TOLD)
  expect(text).toContain('\nroute 203.0.113.10/32 blackhole { guestnet_since = 1800000100; ')
  expect(text).toContain('bgp_community.add((65535, 666));')
  expect(readGuests(text)).toEqual([hole])
})

test('the same announcements make the same text, in whatever order they come', () => {
  expect(renderGuests(ANNOUNCED.toReversed(), 'ipv4', TOLD)).toBe(renderGuests(ANNOUNCED, 'ipv4', TOLD))
})

test('what is written is read back, also where a guest has communities that look like guestnet’s own', () => {
  const odd = [announcement('203.0.113.11/32', 102, [`${AS}:1:999`])]
  const read = [...ANNOUNCED, ...odd].flatMap(one => [
    ...readGuests(renderGuests([one], 'ipv4', TOLD)),
    ...readGuests(renderGuests([one], 'ipv6', TOLD)),
  ])
  expect(read).toEqual([...ANNOUNCED, ...odd])
})

test('an older file tells the same announcements, and BIRD the same routes', () => {
  const text = renderGuests(ANNOUNCED, 'ipv4', TOLD)
  expect(readGuests(OLDER)).toEqual(readGuests(text))
  const routesIn = (file: string) => file.split('\n').filter(line => !line.startsWith('#'))
  expect(routesIn(text)).toEqual(routesIn(OLDER))
})

test.each(['# {"prefix":"203.0.113.10/32"', '# {"prefix":"nonsense"}', '# {"vmid":100}'])(
  'where the comment is not one of ours, the route itself tells: %s',
  comment => {
    const [head = '', ...routes] = OLDER.split('\n')
    const text = [head, ...routes.flatMap(route => [comment, route])].join('\n')
    expect(readGuests(text)).toEqual(readGuests(OLDER))
  },
)

test('lines of another making are skipped', () => {
  expect(readGuests('route 203.0.113.10/32 blackhole;\n# route\nnonsense\n')).toEqual([])
})

test('a link that cannot be written is a bug, not another configuration', () => {
  const evil = { ...announcement('203.0.113.10/32', 100), device: 'x"; include "/etc/passwd' }
  expect(() => renderGuests([evil], 'ipv4', TOLD)).toThrow('BIRD has no way to write')
})
