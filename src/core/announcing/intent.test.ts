import { describe, expect, test } from 'vitest'
import {
  announceObservation,
  type GivenNic,
  linksOf,
  observation,
  offer,
  policyOf,
  readingOf,
  table,
  vm,
} from '../../../test/builders.ts'
import { onceSettled } from '../../../test/holders.ts'
import { markedRoute, neighbourAt, prefixOf, routeTo } from '../../../test/routings.ts'
import { elementKeyOf } from '../dhcp/observation.ts'
import type { Guest } from '../guest/guest.ts'
import { intend } from '../intent.ts'
import type { Reading } from '../reading.ts'
import type { Announcement } from './announcement.ts'
import { NOTHING_ROUTED } from './intent.ts'
import type { AnnounceObservation } from './observation.ts'

const NETWORKS = 'networks: [{ bridge: vmbr0, prefixes: [203.0.113.0/24] }]'
const BGP = 'bgp: { as: 65001, peers: [{ name: rtr01, address: 192.0.2.1, as: 65000 }] }'
const POLICY = policyOf(`announce: { table: 100, ${NETWORKS} }\n${BGP}\n`)

const guestWith = (nic: GivenNic = {}, given: Partial<Guest> = {}) => {
  const { vmid: _, type: __, nics: ___, ...rest } = given
  return vm(100, [{ ip: '203.0.113.10/24', ...nic }], rest)
}
const GUEST = guestWith()
const { mac: MAC } = offer(100)

function intentOf(
  guests: readonly Guest[],
  seen: Partial<AnnounceObservation> = {},
  { links = ['tap100i0', 'vmbr0'], ...given }: Partial<Reading> & { links?: readonly string[] } = {},
) {
  const elements = new Map([[elementKeyOf(offer(100)), 'tap100i0']])
  const node = observation({ links: linksOf(...links), ports: table({ elements }) })
  const reading = readingOf(guests, { policy: POLICY, ...given })
  const { announcing } = intend(reading, { ...node, announcing: announceObservation(seen) })
  if (!announcing) throw new Error('announcing was looked at')
  return announcing
}

const prefixesOf = (announcements: readonly Announcement[] = []) => announcements.map(({ prefix }) => prefix)

function announced(prefix: string, vmid = 100): Announcement {
  const { vmid: number } = vm(vmid, [])
  return { prefix: prefixOf(prefix), vmid: number, device: 'vmbr0', communities: [], since: 1_700_000_000 }
}

/** A node on which these are announced. */
function announcing(...announcements: readonly Announcement[]): Partial<AnnounceObservation> {
  return {
    bird: {
      state: 'running',
      pid: 7,
      routerId: '192.0.2.250',
      files: { config: '', announcements, ownEnds: {} },
      peers: [],
    },
    routing: {
      ...announceObservation().routing,
      routes: announcements.map(({ prefix }) => markedRoute(routeTo(prefix))),
      neighbours: announcements.map(({ prefix }) => ({
        ...neighbourAt(prefix.replace('/32', ''), MAC),
        marked: true,
      })),
    },
  }
}

test('a guest that lives here is routed, and told to the peers', () => {
  const { routing, announcements, bird, withheld, problems } = intentOf([GUEST])
  expect(prefixesOf(announcements)).toEqual(['203.0.113.10/32'])
  expect(bird?.announcements).toEqual(announcements)
  expect(routing.routes).toEqual([routeTo('203.0.113.10/32')])
  expect({ withheld, problems }).toEqual({ withheld: [], problems: [] })
})

test('where the policy announces nothing, nothing of guestnet’s is to be there', () => {
  const intent = intentOf([GUEST], announcing(announced('203.0.113.10/32')), { policy: policyOf('') })
  expect(intent).toEqual({
    routing: NOTHING_ROUTED,
    announcements: [],
    standby: [],
    withheld: [],
    problems: [],
  })
})

test('where BGP is somebody else’s, the kernel is told all the same', () => {
  const policy = policyOf(`announce: { table: 100, ${NETWORKS} }\nbgp: external\n`)
  const { bird, routing } = intentOf([GUEST], {}, { policy })
  expect(bird).toBeUndefined()
  expect(routing.routes).toHaveLength(1)
})

test('the node is made to forward where the policy leaves that to guestnet, and only what is announced', () => {
  const policy = policyOf(`announce: { table: 100, sysctl: true, ${NETWORKS} }\n`)
  expect(intentOf([GUEST], {}, { policy }).forwarding).toEqual(['ipv4'])
  expect(intentOf([GUEST]).forwarding).toBeUndefined()
})

describe('a node that is drained', () => {
  test('asks its peers to prefer others first', () => {
    const { bird, refusal } = intentOf([GUEST], {}, { drained: 'leaving' })
    expect(bird?.settings.drain).toBe(true)
    expect(prefixesOf(bird?.announcements)).toEqual(['203.0.113.10/32'])
    expect(refusal).toBeUndefined()
  })

  test('then tells them nothing, and says why; its guests are routed as long as they are here', () => {
    const { bird, refusal, routing, announcements } = intentOf([GUEST], {}, { drained: 'left' })
    expect(bird?.announcements).toEqual([])
    expect(refusal).toMatchObject({ code: 'drained' })
    expect(prefixesOf(announcements)).toEqual(['203.0.113.10/32'])
    expect(routing.routes).toHaveLength(1)
  })
})

describe('a table with routes of a BIRD', () => {
  const foreign = [{ table: 101, prefix: prefixOf('0.0.0.0/0'), metric: 32, protocol: 12 }]
  const routing = { ...announceObservation().routing, foreign }

  test('that is not ours is left to it: nothing is announced, and it is told once', () => {
    const intent = intentOf([GUEST], { routing })
    expect(intent).toMatchObject({
      routing: NOTHING_ROUTED,
      announcements: [],
      refusal: { code: 'table-taken' },
    })
    expect(intent.bird).toBeUndefined()
    expect(intent.problems).toMatchObject([{ code: 'table-taken' }])
    expect(intent.problems).toHaveLength(1)
    expect(intent.refusal?.message).toContain('101')
  })

  test.each<[string, AnnounceObservation['bird']]>([
    ['runs', { state: 'running', pid: 7, routerId: '192.0.2.250', peers: [] }],
    ['does not answer', { state: 'silent', pid: 7 }],
    ['died', { state: 'absent', wasThere: true }],
  ])('is ours if our own BIRD %s', (_, bird) => {
    const { refusal, announcements } = intentOf([GUEST], { routing, bird })
    expect(refusal).toBeUndefined()
    expect(announcements).toHaveLength(1)
  })

  test('of another program is no table of BIRD’s', () => {
    const others = { ...routing, foreign: foreign.map(route => ({ ...route, protocol: 186 })) }
    expect(intentOf([GUEST], { routing: others }).refusal).toBeUndefined()
  })
})

test('what is in the way of a guest’s route is told', () => {
  const foreign = [{ table: 100, prefix: prefixOf('203.0.113.10/32'), metric: 0, protocol: 4 }]
  const { problems } = intentOf([GUEST], { routing: { ...announceObservation().routing, foreign } })
  expect(problems).toMatchObject([{ code: 'routing-obstacle' }])
})

describe('a guest that is being backed up', () => {
  const locked = guestWith({}, { lock: 'backup' })
  const entry = neighbourAt('203.0.113.10', MAC)
  const withEntry = (marked: boolean) => ({
    routing: {
      ...announceObservation().routing,
      routes: [markedRoute(routeTo('203.0.113.10/32'))],
      neighbours: [{ ...entry, marked }],
    },
  })

  test('goes on being announced if the kernel knows it by guestnet', () => {
    expect(prefixesOf(intentOf([locked], withEntry(true)).announcements)).toEqual(['203.0.113.10/32'])
  })

  test('is not announced because somebody else made an entry for it', () => {
    const { announcements, withheld } = intentOf([locked], withEntry(false))
    expect(announcements).toEqual([])
    expect(withheld).toMatchObject([{ refusal: { code: 'locked-for-backup' } }])
  })

  test('is not announced because its entry was there before it ran', () => {
    const routing = { ...announceObservation().routing, neighbours: [{ ...entry, marked: true }] }
    const { announcements, withheld } = intentOf([locked], { routing })
    expect(announcements).toEqual([])
    expect(withheld).toMatchObject([{ refusal: { code: 'locked-for-backup' } }])
  })
})

describe('an address that two guests claim is announced for the one that DHCP serves:', () => {
  const rival = vm(50, [{ ip: '203.0.113.10/24' }])
  const links = ['tap50i0', 'tap100i0', 'vmbr0']

  test('who loses it gets neither, with one and the same reason', () => {
    const reading = readingOf([GUEST, rival], { policy: POLICY })
    const seen = observation({ links: linksOf(...links), announcing: announceObservation() })
    const { dhcp, announcing: told } = intend(reading, onceSettled(reading, seen))
    expect(dhcp.refused.map(({ vmid, refusal }) => [Number(vmid), refusal.code])).toEqual([
      [100, 'held-by-another'],
    ])
    expect(told?.withheld).toMatchObject([{ vmid: 100, refusal: dhcp.refused[0]?.refusal }])
    expect(told?.announcements.map(({ vmid }) => Number(vmid))).toEqual([50])
  })

  test('who is announced keeps it when another one with a lower VMID starts', () => {
    const { announcements } = intentOf([GUEST, rival], announcing(announced('203.0.113.10/32')), { links })
    expect(announcements.map(({ vmid }) => Number(vmid))).toEqual([100])
  })
})

describe('what is announced stays', () => {
  const seen = announcing(announced('203.0.113.10/32'), announced('203.0.113.20/32', 200))
  const bare = { links: ['vmbr0'] }
  const kept = (...[guests, given]: [readonly Guest[], Parameters<typeof intentOf>[2]]) => {
    const { announcements, routing, bird } = intentOf(guests, seen, given)
    expect(routing.routes.map(({ prefix }) => prefix)).toEqual(prefixesOf(announcements))
    expect(routing.neighbours).toHaveLength(announcements.length)
    expect(bird?.announcements).toEqual(announcements)
    return prefixesOf(announcements)
  }

  test('all of it, while guests may be missing from what was read', () => {
    expect(kept([], { ...bare, complete: false })).toEqual(['203.0.113.10/32', '203.0.113.20/32'])
  })

  test('all of it, while fast-announcer’s files may be missing', () => {
    const further = { complete: false, unreadable: new Set<number>() }
    expect(kept([], { ...bare, further })).toHaveLength(2)
  })

  test('while the guest’s own file cannot be read, of that guest only', () => {
    expect(kept([], { ...bare, unreadable: new Set([200]) })).toEqual(['203.0.113.20/32'])
    const further = { complete: true, unreadable: new Set([200]) }
    expect(kept([], { ...bare, further })).toEqual(['203.0.113.20/32'])
  })

  test('while a guest without a file still has its port, as in the blink of a migration', () => {
    expect(kept([], { links: ['tap100i0', 'vmbr0'] })).toEqual(['203.0.113.10/32'])
  })

  test('but a black hole ends at its time all the same', () => {
    const hole = { ...announced('203.0.113.10/32'), blackhole: 1_800_000_000 }
    const prefixesAt = (now: number) => {
      const intent = intentOf([], { ...announcing(hole), now }, { ...bare, complete: false })
      return prefixesOf(intent.announcements)
    }
    expect(prefixesAt(1_799_999_999)).toEqual(['203.0.113.10/32'])
    expect(prefixesAt(1_800_000_000)).toEqual([])
  })

  test('no longer than that', () => {
    expect(kept([], bare)).toEqual([])
    expect(kept([guestWith({}, { node: 'pve2' })], { links: ['tap100i0', 'vmbr0'] })).toEqual([])
  })
})
