import { describe, expect, test } from 'vitest'
import {
  ct,
  type GivenNic,
  linksOf,
  notesOf,
  offerContext,
  policyFile,
  policyOf,
  vm,
} from '../../../test/builders.ts'
import type { Guest } from '../guest/guest.ts'
import type { RefusalCode, Where } from '../problem/refusal.ts'
import { type OfferContext, offersOf } from './offers.ts'

const ADDRESS = { ip: '192.0.2.5/24', gw: '192.0.2.1' }

/** The one offer that a guest gets. */
function offered(guest: Guest, context: Partial<OfferContext> = {}) {
  const { offers } = offersOf(guest, offerContext(context))
  expect(offers).toHaveLength(1)
  return offers[0]
}

/** The codes of what is said about a guest with one NIC. */
function complaints(nic: GivenNic, given: Partial<Guest> = {}): string[] {
  const { nics: _, vmid: __, type: ___, ...rest } = given
  return offersOf(vm(100, [nic], rest), offerContext()).problems.map(({ code }) => code)
}

test('a NIC with a static address is offered that address, at the link that Proxmox makes for it', () => {
  expect(offered(vm(100, [{ ...ADDRESS, tag: 5 }], { name: 'web' }))).toEqual({
    family: 'ipv4',
    vmid: 100,
    type: 'qemu',
    nic: 0,
    link: 'tap100i0',
    mac: '52:54:00:00:64:00',
    network: { bridge: 'vmbr0', tag: 5 },
    address: '192.0.2.5/24',
    gateway: '192.0.2.1',
    dns: [],
    search: [],
    hostname: 'web',
  })
  expect(offered(ct(101, [ADDRESS]))).toMatchObject({ type: 'lxc', link: 'veth101i0', hostname: 'CT101' })
})

test('each NIC of a guest is judged by itself', () => {
  const guest = vm(100, [{ ...ADDRESS, mac: null }, { ip: '198.51.100.5/24' }])
  const { offers, refused } = offersOf(guest, offerContext())
  expect(offers.map(({ nic, address }) => [nic, address])).toEqual([[1, '198.51.100.5/24']])
  expect(refused.map(({ nic }) => nic)).toEqual([0])
})

describe('nothing is offered, and nothing is said,', () => {
  test.each<[string, Guest]>([
    ['for ip=dhcp', vm(100, [{ ip: 'dhcp' }])],
    ['for ip=manual', ct(100, [{ ip: 'manual' }])],
    ['without an address', vm(100, [{}])],
  ])('%s', (_, guest) =>
    expect(offersOf(guest, offerContext())).toMatchObject({ offers: [], refused: [], problems: [] }),
  )
})

describe('a static address that is not offered is refused with the reason and the line that caused it:', () => {
  const OFF = policyFile('# ours\ndhcp:\n  enabled: false\n')
  const EXCLUDING = policyFile(
    'dhcp:\n  exclude:\n    - { bridge: vmbr9 }\n    - { bridge: vmbr0, tag: 5 }\n',
  )
  const ONLY = policyFile('dhcp:\n  only:\n    - { bridge: vmbr9 }\n')
  const by = ({ policy, placeOf }: typeof OFF): Partial<OfferContext> => ({
    policy: policy.dhcp,
    policyPlace: path => placeOf(['dhcp', ...path]),
  })
  const guest = (nic: GivenNic = {}, given: Partial<Guest> = {}) => vm(100, [{ ...ADDRESS, ...nic }], given)
  const inGuest = { file: 'qemu-server/100.conf' }
  const inNic = { ...inGuest, line: 1 }
  const inPolicy = (line: number) => ({ file: 'guestnet.yaml', line })

  test.each<[string, RefusalCode, Guest, Partial<OfferContext>, Where]>([
    ['a template', 'template', guest({ mac: null }, { template: true }), {}, inGuest],
    ['on no bridge', 'no-bridge', guest({ bridge: null }), {}, inNic],
    ['no MAC address: it is another one at every start', 'no-mac', guest({ mac: null }), {}, inNic],
    [
      'a vnet with a DHCP server of its own',
      'sdn-has-dhcp',
      guest({ bridge: 'vnet1' }),
      { vnetsWithDhcp: new Set(['vnet1']) },
      inNic,
    ],
    ['DHCP is switched off', 'dhcp-disabled', guest(), by(OFF), inPolicy(3)],
    ['the network is excluded', 'excluded-by-policy', guest({ tag: 5 }), by(EXCLUDING), inPolicy(4)],
    ['other networks are the only ones', 'excluded-by-policy', guest(), by(ONLY), inPolicy(2)],
    [
      'the Notes say so',
      'notes-off',
      guest(),
      { notesOf: notesOf({ 100: { dhcp: false } }, { dhcp: 7 }) },
      { ...inGuest, line: 7 },
    ],
    ['no host can have the address', 'address-unusable', guest({ ip: '224.0.0.5/24' }), {}, inNic],
  ])('%s', (_, code, refusedGuest, context, where) => {
    const { offers, refused, problems } = offersOf(refusedGuest, offerContext(context))
    expect({ offers, problems }).toEqual({ offers: [], problems: [] })
    expect(refused).toMatchObject([{ vmid: 100, type: 'qemu', nic: 0, family: 'ipv4' }])
    expect(refused[0]?.refusal).toMatchObject({ code, where })
    expect(refused[0]?.refusal.remedy).toMatch(/^[A-Z].*\.$/)
  })

  test.each(['0.1.2.3/8', '127.0.0.5/8', '240.0.0.1/8', '255.255.255.255/32', '169.254.67.2/32'])(
    'no host can have %s either',
    ip => {
      const { offers, refused } = offersOf(vm(100, [{ ip }]), offerContext())
      expect(offers).toEqual([])
      expect(refused).toMatchObject([{ refusal: { code: 'address-unusable' } }])
    },
  )

  test.each(['::1/128', 'fe80::5/64', 'ff02::5/64', '::ffff:192.0.2.5/96', '100::67/128'])('nor %s', ip6 => {
    const { offers, refused } = offersOf(vm(100, [{ ip6 }]), offerContext())
    expect(offers).toEqual([])
    expect(refused).toMatchObject([{ family: 'ipv6', refusal: { code: 'address-unusable' } }])
  })

  test('what the policy says of DHCPv6 in a network is said of that alone', () => {
    const off = policyFile('dhcp:\n  networks:\n    - { bridge: vmbr0, dhcp6: false }\n')
    const guest = vm(100, [
      { ...ADDRESS, ip6: '2001:db8::5/64' },
      { bridge: 'vmbr1', ip6: '2001:db8:1::5/64' },
    ])
    const { offers, refused } = offersOf(guest, offerContext(by(off)))
    expect(offers.map(({ nic, family }) => `${nic} ${family}`)).toEqual(['0 ipv4', '1 ipv6'])
    expect(refused).toMatchObject([
      {
        nic: 0,
        family: 'ipv6',
        refusal: { code: 'excluded-by-policy', where: { file: 'guestnet.yaml', line: 3 } },
      },
    ])
  })
})

test('the policy is asked about the network of each NIC', () => {
  const guest = vm(100, [{ ...ADDRESS, tag: 5 }, { ip: '198.51.100.5/24' }])
  const { dhcp: policy } = policyOf('dhcp: { only: [{ bridge: vmbr0, tag: 5 }] }')
  const { offers } = offersOf(guest, offerContext({ policy }))
  expect(offers.map(({ nic }) => nic)).toEqual([0])
})

describe('a gateway that the guest may not reach is offered, with a warning:', () => {
  test.each([
    ['outside the network', '192.0.2.5/24', '198.51.100.1', true],
    ['the guest itself', '192.0.2.5/24', '192.0.2.5', true],
    ['the guest itself, as a /32', '192.0.2.5/32', '192.0.2.5', true],
    ['on the network: no warning', '192.0.2.5/24', '192.0.2.1', false],
    ['outside a /32, as usual: no warning', '192.0.2.5/32', '10.255.255.1', false],
  ])('%s', (_, ip, gw, isDoubtful) => {
    expect(complaints({ ip, gw })).toEqual(isDoubtful ? ['gateway-unreachable'] : [])
    expect(offered(vm(100, [{ ip, gw }]))?.gateway).toBe(gw)
  })
})

test('cicustom with a network part is offered, with a warning', () => {
  expect(complaints(ADDRESS, { cicustom: 'network=local:snippets/net.yaml' })).toEqual(['cicustom-network'])
  expect(complaints(ADDRESS, { cicustom: 'user=local:snippets/user.yaml' })).toEqual([])
  expect(offered(vm(100, [ADDRESS], { cicustom: 'network=local:snippets/net.yaml' }))?.address).toBe(
    ADDRESS.ip,
  )
})

describe('name servers', () => {
  const host = {
    resolver: { nameservers: ['127.0.0.53', '198.51.100.53', '::1', '2001:db8::53'], search: [] },
  }

  test.each([
    ['blanks, commas and semicolons part them', '192.0.2.53, 192.0.2.54;192.0.2.55', [53, 54, 55]],
    ['those of IPv6 are not for DHCPv4', '2001:db8::53 192.0.2.53', [53]],
    ['a zone is no mistake', 'fe80::1%eth0 192.0.2.53', [53]],
  ])('%s', (_, nameserver, expected) => {
    const { offers, problems } = offersOf(vm(100, [ADDRESS], { nameserver }), offerContext(host))
    expect(problems).toEqual([])
    expect(offers[0]?.dns).toEqual(expected.map(octet => `192.0.2.${octet}`))
  })

  test('are those of the host where the guest has none, without the loopback ones', () => {
    expect(offered(vm(100, [ADDRESS]), host)?.dns).toEqual(['198.51.100.53'])
  })

  test('written as loopback are sent as written', () => {
    expect(offered(vm(100, [ADDRESS], { nameserver: '127.0.0.1' }), host)?.dns).toEqual(['127.0.0.1'])
  })

  test('that are no addresses are told, and the others sent', () => {
    const guest = vm(100, [ADDRESS], { nameserver: 'dns.example.com 192.0.2.53' })
    const { offers, problems } = offersOf(guest, offerContext())
    expect(offers[0]?.dns).toEqual(['192.0.2.53'])
    expect(problems).toMatchObject([{ code: 'nameserver-unusable', vmid: 100, file: guest.file }])
  })

  test('of the host that are no addresses are no problem of the guest', () => {
    const resolver = { nameservers: ['dns.example.com'], search: [] }
    expect(offersOf(vm(100, [ADDRESS]), offerContext({ resolver })).problems).toEqual([])
  })
})

test('a guest’s lists are looked at once however many NICs it has, and up to 32 entries', () => {
  const nics = Array.from({ length: 32 }, (_, nic) => ({ ip: `192.0.2.${nic + 1}/32` }))
  const lists = { nameserver: 'a '.repeat(4200), searchdomain: 'a..b '.repeat(4200) }
  const { offers, problems } = offersOf(vm(100, nics, lists), offerContext())
  expect(offers).toHaveLength(32)
  expect(problems).toHaveLength(2 * 33)
})

describe('search domains', () => {
  const host = { resolver: { nameservers: [], search: ['host.example'] } }

  test('are the guest’s own, else the host’s', () => {
    const searchdomain = 'a.example. b.example'
    expect(offered(vm(100, [ADDRESS], { searchdomain }), host)?.search).toEqual(['a.example', 'b.example'])
    expect(offered(vm(100, [ADDRESS]), host)?.search).toEqual(['host.example'])
  })

  test('that DHCP cannot carry are told, and the others sent', () => {
    const guest = vm(100, [ADDRESS], { searchdomain: 'a..example b.example' })
    const { offers, problems } = offersOf(guest, offerContext(host))
    expect(offers[0]?.search).toEqual(['b.example'])
    expect(problems).toMatchObject([{ code: 'searchdomain-unusable', vmid: 100 }])
  })

  test('are no more than one option holds', () => {
    const names = Array.from({ length: 10 }, (_, index) => `${'x'.repeat(50)}${index}.example`)
    const search = offered(vm(100, [ADDRESS], { searchdomain: names.join(' ') }))?.search ?? []
    expect(search).toEqual(names.slice(0, 4))
  })
})

describe('the host name', () => {
  test.each([
    ['web', { hostname: 'web' }],
    ['web.example.com', { hostname: 'web', domain: 'example.com' }],
    ['-web-', { hostname: 'VM100' }],
    [undefined, { hostname: 'VM100' }],
  ])('of %s is %o', (name, expected) => {
    const { hostname, domain } = offered(vm(100, [ADDRESS], name === undefined ? {} : { name })) ?? {}
    expect({ hostname, domain }).toEqual({ domain: undefined, ...expected })
  })

  test('has the first search domain where it brings none', () => {
    const guest = vm(100, [ADDRESS], { name: 'web', searchdomain: 'a.example b.example' })
    expect(offered(guest)?.domain).toBe('a.example')
  })
})

describe('the MTU', () => {
  const virtio = vm(100, [ADDRESS])
  const withMtu = (mtu: number, model = 'virtio') => vm(100, [{ ...ADDRESS, mtu, model }])

  test.each<[string, Guest, number, number | undefined]>([
    ['is not told where it is the usual one', virtio, 1500, undefined],
    ['is that of a bridge that carries less', virtio, 1400, 1400],
    ['stays the usual one on a bridge that carries more', virtio, 9000, undefined],
    ['is the configured one', withMtu(1400), 1500, 1400],
    ['of 1 is that of the bridge', withMtu(1), 9000, 9000],
    ['counts on virtio only', withMtu(9000, 'e1000'), 9000, undefined],
    ['of a container is that of its bridge', ct(100, [ADDRESS]), 9000, 9000],
    ['of a container is the configured one', ct(100, [{ ...ADDRESS, mtu: 1300 }]), 9000, 1300],
    ['too small for IPv4 is not told', withMtu(64), 1500, undefined],
  ])('%s', (_, guest, mtu, expected) =>
    expect(offered(guest, { links: linksOf({ name: 'vmbr0', mtu }) })?.mtu).toBe(expected),
  )

  test('of 1 is not told where the bridge is not there', () => {
    expect(offered(withMtu(1))?.mtu).toBeUndefined()
  })
})
