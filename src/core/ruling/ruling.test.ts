import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claim, SEEN_NOTHING } from '../../../test/builders.ts'
import { groupBy } from '../values/collection.ts'
import { addressPlaceOf, type Claim, macPlaceOf } from './claim.ts'
import { type RulingInput, rule } from './ruling.ts'

const MAC = '52:54:00:9e:cc:1e'

/** Where guests run, by VMID; those that are not named are stopped. */
interface Running {
  readonly here?: readonly number[]
  readonly inUse?: readonly number[]
  readonly running?: readonly number[]
}

function rulingOn(
  claims: readonly Claim[],
  { here = [], inUse = [], running = [] }: Running = {},
  given = {},
) {
  const input: RulingInput = {
    claims,
    node: 'pve1',
    running: new Set(running),
    isHere: ({ vmid }) => [...here, ...inUse].includes(vmid),
    isInUse: ({ vmid }) => inUse.includes(vmid),
    isAnnounced: () => true,
    ...SEEN_NOTHING,
    records: new Map(),
    grace: 300,
    quorate: true,
    complete: true,
    ...given,
  }
  return settled(input)
}

/** The ruling once every node has written down what it has to. */
function settled(input: RulingInput): ReturnType<typeof rule> {
  const ruling = rule(input)
  const written = ruling.changes.flatMap(change =>
    change.kind === 'holder-record' ? [[change.place, change.record] as const] : [],
  )
  const elsewhere = ruling.open
    .filter(({ place }) => !written.some(([own]) => own === place))
    .map(({ place, vmid, nic }) => [place, { vmid, nic, node: 'pve2', since: 0 }] as const)
  if (written.length + elsewhere.length === 0) return ruling
  return settled({ ...input, records: new Map([...input.records, ...elsewhere, ...written]) })
}

function holders(claims: readonly Claim[], ...more: [Running?, Partial<RulingInput>?]): number[] {
  const ruling = rulingOn(claims, ...more)
  return claims.filter(wish => ruling.refusalOf(wish) === undefined).map(({ vmid }) => vmid)
}

const refusalsOf = (claims: readonly Claim[], running?: Running) => {
  const ruling = rulingOn(claims, running)
  return claims.flatMap(wish => ruling.refusalOf(wish) ?? [])
}

describe('an address that two guests want in one network is held by', () => {
  test.each<[string, Claim, Claim, Running]>([
    [
      'the one that has it, not one that just appeared',
      claim(200),
      claim(100),
      { inUse: [200], here: [100] },
    ],
    [
      'the one that runs elsewhere, not a stopped clone',
      claim(200, { node: 'pve2' }),
      claim(100),
      { running: [200] },
    ],
    ['the one that runs here, not a stopped clone', claim(200), claim(100), { here: [200] }],
    [
      'the one whose port is here while its configuration is not, as at the end of a migration',
      claim(200, { node: 'pve2' }),
      claim(100),
      { here: [200] },
    ],
    ['the lower VMID of two that are stopped', claim(100), claim(200), {}],
    [
      'the lower VMID where the status calls the other one running here, but its port is not',
      claim(100),
      claim(200),
      { running: [200] },
    ],
    ['the lower VMID of two that run', claim(100), claim(200), { here: [100, 200] }],
    ['the lower NIC of one guest', claim(100), claim(100, { nic: 1 }), {}],
  ])('%s, in whatever order they come', (_, holder, rival, running) => {
    for (const claims of [
      [holder, rival],
      [rival, holder],
    ]) {
      const ruling = rulingOn(claims, running)
      expect(ruling.refusalOf(holder)).toBeUndefined()
      expect(ruling.refusalOf(rival)).toMatchObject({ code: 'held-by-another' })
    }
  })
})

test.each([
  ['another VLAN', { network: { bridge: 'vmbr0', tag: 5 } }],
  ['another bridge', { network: { bridge: 'vmbr1' } }],
  ['another address', { address: '192.0.2.6' }],
])('guests in %s do not contradict each other', (_, given) => {
  expect(holders([claim(100), claim(200, given)])).toEqual([100, 200])
})

test('the one that loses is told who holds the address, and where its own is written', () => {
  const where = { file: 'qemu-server/200.conf', line: 7 }
  const refusals = refusalsOf([claim(100, { node: 'pve2' }), claim(200, { where })])
  expect(refusals).toMatchObject([{ code: 'held-by-another', where }])
  expect(refusals[0]?.message).toContain('VM 100 net0 on node pve2')
})

test('of three guests with one address two are refused', () => {
  expect(holders([100, 200, 300].map(vmid => claim(vmid)))).toEqual([100])
})

describe('a MAC address that two NICs have', () => {
  const wishes = (given: Partial<Claim> = {}) => [
    claim(100, { mac: MAC, address: '192.0.2.6', network: { bridge: 'vmbr1' }, ...given }),
    claim(200, { mac: MAC }),
    claim(300, { address: '192.0.2.7' }),
  ]

  test('on one node is served at one of them, whatever their networks', () => {
    expect(holders(wishes(), { here: [200] })).toEqual([200, 300])
    const refusals = refusalsOf(wishes(), { here: [200] })
    expect(refusals).toMatchObject([
      { code: 'mac-held-by-another', where: { file: 'qemu-server/100.conf', line: 1 } },
    ])
    expect(refusals[0]?.message).toContain('VM 200 net0')
  })

  test('on two nodes is no matter of contention', () => {
    expect(holders(wishes({ node: 'pve2' }))).toEqual([100, 200, 300])
  })

  test('on two nodes is one as soon as the ports of both are here', () => {
    expect(holders(wishes({ node: 'pve2' }), { here: [100, 200] })).toEqual([100, 300])
  })

  test('of which one has two addresses, may have both', () => {
    const claims = [...wishes(), claim(200, { mac: MAC, address: '2001:db8::5' })]
    expect(holders(claims, { here: [200] })).toEqual([200, 300, 200])
  })
})

test('201 beats 202 on the address, then loses on its MAC address: 202 gets it', () => {
  const claims = [claim(200, { mac: MAC, address: '192.0.2.6' }), claim(201, { mac: MAC }), claim(202)]
  for (const order of [claims, claims.toReversed()])
    expect(holders(order, { here: [200, 201, 202] }).toSorted()).toEqual([200, 202])
  expect(refusalsOf(claims, { here: [200, 201, 202] })).toHaveLength(1)
})

describe('an address that is held in two networks', () => {
  const inBoth = [claim(100), claim(200, { network: { bridge: 'vmbr0', tag: 5 } })]
  const announced = (ruling: ReturnType<typeof rule>) =>
    inBoth.filter(wish => ruling.announceRefusalOf(wish) === undefined).map(({ vmid }) => vmid)

  test('is announced for one of them, if both networks are announced', () => {
    const ruling = rulingOn(inBoth)
    expect(inBoth.map(wish => ruling.refusalOf(wish))).toEqual([undefined, undefined])
    expect(announced(ruling)).toEqual([100])
    expect(ruling.announceRefusalOf(inBoth[1] ?? claim(200))).toMatchObject({
      code: 'announced-for-another',
      where: { file: 'qemu-server/200.conf', line: 1 },
    })
  })

  test('is announced for the one that has it already', () => {
    expect(announced(rulingOn(inBoth, { inUse: [200], here: [100] }))).toEqual([200])
  })

  test('is announced for the only one in an announced network', () => {
    const ruling = rulingOn(inBoth, {}, { isAnnounced: ({ network }: Claim) => network.tag === 5 })
    expect(ruling.announceRefusalOf(inBoth[1] ?? claim(200))).toBeUndefined()
  })

  test('is announced for none that does not hold it', () => {
    const clone = claim(300, { network: { bridge: 'vmbr0', tag: 5 } })
    const ruling = rulingOn([...inBoth, clone], { here: [100] })
    expect(ruling.refusalOf(clone)).toMatchObject({ code: 'held-by-another' })
    expect(announced(ruling)).toEqual([100])
  })
})

describe('whoever claims what', () => {
  /** Few of everything, so that many want the same. */
  const anyClaim = fc
    .record({
      vmid: fc.integer({ min: 100, max: 105 }),
      nic: fc.integer({ min: 0, max: 1 }),
      octet: fc.integer({ min: 1, max: 3 }),
      mac: fc.constantFrom(undefined, MAC, '52:54:00:9e:cc:1f'),
      node: fc.constantFrom('pve1', 'pve1', 'pve2'),
      tag: fc.constantFrom(undefined, 5),
    })
    .map(({ octet, vmid, tag, mac, ...given }) =>
      claim(vmid, {
        ...given,
        ...(mac !== undefined && { mac }),
        address: `192.0.2.${octet}`,
        network: { bridge: 'vmbr0', ...(tag !== undefined && { tag }) },
      }),
    )
  const anyVmids = fc.subarray([100, 101, 102, 103, 104, 105])
  /** A NIC is in one network and on one node; it may claim several addresses. */
  const anyClaims = fc
    .uniqueArray(anyClaim, {
      selector: ({ vmid, nic, address }) => `${vmid} ${nic} ${address}`,
      maxLength: 12,
    })
    .map(claims => {
      const first = new Map<string, Claim>()
      return claims.map(each => {
        const name = `${each.vmid} ${each.nic}`
        const { node, network, mac } = first.get(name) ?? each
        first.set(name, first.get(name) ?? each)
        return { ...each, node, network, mac }
      })
    })
  const anyMoment = fc.record({
    claims: anyClaims,
    running: fc.record({ here: anyVmids, inUse: anyVmids, running: anyVmids }),
  })
  const ownersOf = (claims: readonly Claim[]) => new Set(claims.map(({ vmid, nic }) => `${vmid} ${nic}`))

  test('an address in a network has one holder, unless all that claim it lost on their MAC addresses', () => {
    fc.assert(
      fc.property(anyMoment, ({ claims, running }) => {
        const ruling = rulingOn(claims, running)
        for (const rivals of groupBy(claims, addressPlaceOf).values()) {
          const refusals = rivals.map(ruling.refusalOf)
          const held = refusals.filter(refusal => refusal === undefined).length
          expect(held).toBeLessThanOrEqual(1)
          if (held === 0)
            expect(refusals.map(refusal => refusal?.code)).toEqual(rivals.map(() => 'mac-held-by-another'))
        }
      }),
      { numRuns: 1000 },
    )
  })

  /** A guest's MAC address counts on the node of its configuration, and where its port is. */
  const macPlacesOf = (wish: Claim, { here, inUse }: Required<Running>) => [
    macPlaceOf(wish),
    ...([...here, ...inUse].includes(wish.vmid) ? [macPlaceOf({ ...wish, node: 'pve1' })] : []),
  ]

  test('a MAC address on a node has one NIC that holds addresses', () => {
    fc.assert(
      fc.property(anyMoment, ({ claims, running }) => {
        const ruling = rulingOn(claims, running)
        const held = claims.filter(wish => ruling.refusalOf(wish) === undefined)
        const placed = held.flatMap(wish => macPlacesOf(wish, running).map(place => ({ wish, place })))
        for (const same of groupBy(placed, ({ place }) => place).values())
          expect(ownersOf(same.map(({ wish }) => wish)).size).toBe(1)
      }),
      { numRuns: 500 },
    )
  })

  test('who is refused can be told who holds what it does not get', () => {
    fc.assert(
      fc.property(anyMoment, ({ claims, running }) => {
        const ruling = rulingOn(claims, running)
        const isHeld = (wish: Claim) => ruling.refusalOf(wish) === undefined
        for (const loser of claims.filter(wish => !isHeld(wish))) {
          const isMac = ruling.refusalOf(loser)?.code === 'mac-held-by-another'
          const placesOf = (wish: Claim) => (isMac ? macPlacesOf(wish, running) : [addressPlaceOf(wish)])
          const places = new Set(placesOf(loser))
          const winners = claims.filter(
            wish => isHeld(wish) && placesOf(wish).some(place => places.has(place)),
          )
          const names = winners.map(({ vmid, nic }) => `VM ${vmid} net${nic} `)
          expect(names.some(name => ruling.refusalOf(loser)?.message.includes(name))).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('an address is announced for one at most, and for one if an announced one holds it', () => {
    fc.assert(
      fc.property(anyMoment, ({ claims, running }) => {
        const ruling = rulingOn(claims, running)
        const held = claims.filter(wish => ruling.refusalOf(wish) === undefined)
        for (const same of groupBy(held, ({ address }) => address).values())
          expect(ownersOf(same.filter(wish => !ruling.announceRefusalOf(wish))).size).toBe(1)
      }),
      { numRuns: 500 },
    )
  })

  test('the order in which claims come changes nothing', () => {
    fc.assert(
      fc.property(
        anyMoment.chain(({ claims, running }) =>
          fc.record({
            claims: fc.constant(claims),
            running: fc.constant(running),
            shuffled: fc.shuffledSubarray(claims, { minLength: claims.length, maxLength: claims.length }),
          }),
        ),
        ({ claims, running, shuffled }) => {
          const [first, second] = [rulingOn(claims, running), rulingOn(shuffled, running)]
          for (const wish of claims) {
            expect(second.refusalOf(wish)).toEqual(first.refusalOf(wish))
            expect(second.announceRefusalOf(wish)).toEqual(first.announceRefusalOf(wish))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('what a guest here does not get because its holder is away is looked at again', () => {
  const [mine, theirs] = [claim(100), claim(200)]
  const records = new Map([[addressPlaceOf(theirs), { vmid: 200, nic: 0, node: 'pve1', since: 0 }]])
  const waits = (running: Running, secondsAway: number) => {
    const lastSeen = (vmid: number) => (vmid === 200 ? SEEN_NOTHING.now - secondsAway : SEEN_NOTHING.now)
    return rulingOn([mine, theirs], running, { records, lastSeen }).waits
  }

  test.each<[string, Running, number, boolean]>([
    ['while the holder may come back', { here: [100] }, 299, true],
    ['not once it has been away for too long', { here: [100] }, 301, false],
    ['not while it runs', { here: [100, 200] }, 0, false],
    ['not while nobody here wants it', {}, 10, false],
  ])('%s', (_, running, secondsAway, expected) => {
    expect(waits(running, secondsAway)).toBe(expected)
  })

  test('also while nothing but what is written down lately speaks for the holder', () => {
    const given = { records, lastSeen: () => SEEN_NOTHING.now - 301, recordSeen: () => SEEN_NOTHING.now - 1 }
    expect(rulingOn([mine, theirs], { here: [100] }, given).waits).toBe(true)
  })
})

test('the answers are the same functions while they say the same, and others as soon as they do not', () => {
  const claims = [claim(100, { mac: MAC }), claim(101, { mac: MAC })]
  const [before, again, after] = [[100], [100], [101]].map(here => rulingOn(claims, { here }))
  expect([before?.refusalOf, before?.isContested]).toEqual([again?.refusalOf, again?.isContested])
  expect(before?.refusalOf({ ...(claims[0] as Claim) })).toBeUndefined()
  expect(before?.refusalOf({ ...(claims[1] as Claim) })?.code).toBe('held-by-another')
  expect(after?.refusalOf({ ...(claims[0] as Claim) })?.code).toBe('held-by-another')
  expect(after?.refusalOf({ ...(claims[1] as Claim) })).toBeUndefined()
})
