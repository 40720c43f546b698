import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf } from '../../src/core/dhcp/offer.ts'
import type { Guest } from '../../src/core/guest/guest.ts'
import { usedHere } from '../../src/core/inUse.ts'
import type { Links } from '../../src/core/node/link.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { FoundRecord } from '../../src/core/ruling/record.ts'
import type { Ruling } from '../../src/core/ruling/verdict.ts'
import { assertNever } from '../../src/core/values/brand.ts'
import { SightingsMemory } from '../../src/cycle/sightings.ts'
import { linksOf, observation, offer, readingOf, vm } from '../builders.ts'
import { runOn } from './nodeModel.ts'

/**
 * Several nodes, each of which sees what it can: its own ports, the cluster's files, and a status that is ten seconds old. Whatever
 * happens in whatever order, no address is ever served to two guests, and a guest that runs keeps what it is served.
 */

const NODES = ['pve1', 'pve2', 'pve3'] as const
type NodeName = (typeof NODES)[number]
const VMIDS = [100, 101, 102, 103]

type Event =
  | { readonly kind: 'start' | 'stop'; readonly vmid: number }
  /** With `copies` it has the hardware address of another guest as well, as a restored backup has it. */
  | {
      readonly kind: 'edit'
      readonly vmid: number
      readonly octet: number
      readonly copies?: number | undefined
    }
  | { readonly kind: 'migrate'; readonly vmid: number; readonly to: NodeName; readonly succeeds: boolean }
  /** The agent of a node begins anew, and remembers nothing. */
  | { readonly kind: 'restart'; readonly node: NodeName }
  /** From now on what this node writes down comes late: others have looked twice since it made up its mind. Or no node's. */
  | { readonly kind: 'slow'; readonly node: NodeName | undefined }
  | { readonly kind: 'quorum'; readonly isThere: boolean }
  | { readonly kind: 'wait'; readonly seconds: number }

const vmid = fc.constantFrom(...VMIDS)
const node = fc.constantFrom(...NODES)
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('start', 'stop'), vmid }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit'),
      vmid,
      octet: fc.integer({ min: 1, max: 3 }),
      copies: fc.constantFrom(undefined, undefined, ...VMIDS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('migrate'), vmid, to: node, succeeds: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), node }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('slow'), node: fc.constantFrom(...NODES, undefined) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quorum'), isThere: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait'), seconds: fc.constantFrom(1, 4, 12, 30, 400) }),
  },
)

interface ModelGuest {
  node: NodeName
  octet: number
  /** Whose hardware address it has. */
  mac: number
  /** Where it has a port: on one node, on two while it migrates. */
  ports: NodeName[]
}

/** What a node ruled, and by which records. */
interface Ruled {
  readonly ruling: Ruling
  readonly records: Observation['holders']
}

interface ModelNode {
  seen: Observation
  sightings: SightingsMemory
}

/** How often agents look while nothing happens, in seconds: each second something of the cluster's files may have changed. */
const LOOK = 1
/** How often the cluster's status is told anew. */
const STATUS = 10

class Cluster {
  now = 1_800_000_000
  isQuorate = true
  #slow: NodeName | undefined
  /** Whom the status calls running, as it was told last. */
  #running = new Set<number>()
  readonly #guests = new Map<number, ModelGuest>()
  readonly #records = new Map<string, FoundRecord>()
  readonly #nodes = new Map<NodeName, ModelNode>()
  /** What each guest that runs has been served since it was started, or its file was last changed. */
  readonly #has = new Map<number, string>()

  constructor(octets: readonly number[]) {
    for (const [index, number] of VMIDS.entries())
      this.#guests.set(number, {
        node: NODES[index % 2] ?? 'pve1',
        octet: octets[index] ?? 1,
        mac: number,
        ports: [],
      })
    for (const name of NODES) this.#nodes.set(name, { seen: observation(), sightings: this.#memory() })
    this.#lookAround()
  }

  happen(event: Event): void {
    switch (event.kind) {
      case 'start':
      case 'stop':
        this.#power(event.vmid, event.kind)
        break
      case 'edit':
        this.#edit(event)
        break
      case 'migrate':
        this.#migrate(event)
        break
      case 'restart':
        this.#node(event.node).sightings = this.#memory()
        break
      case 'slow':
        this.#slow = event.node
        break
      case 'quorum':
        this.isQuorate = event.isThere
        break
      case 'wait':
        this.#wait(event.seconds)
        break
      default:
        assertNever(event)
    }
    this.#lookAround()
  }

  /** Without a quorum no file is written. */
  #edit({ vmid: number, octet, copies }: Extract<Event, { kind: 'edit' }>): void {
    if (!this.isQuorate) return
    Object.assign(this.#guest(number), { octet, mac: copies ?? number })
    this.#has.delete(number)
  }

  #power(number: number, kind: 'start' | 'stop'): void {
    const guest = this.#guest(number)
    if (kind === 'stop' || guest.ports.length === 0) this.#has.delete(number)
    guest.ports = kind === 'start' ? [guest.node] : []
  }

  /** The target's port, the rename, the end of the source's port; or the target's port goes again. */
  #migrate({ vmid: number, to, succeeds }: Extract<Event, { kind: 'migrate' }>): void {
    const guest = this.#guest(number)
    const { node: from } = guest
    // Without a quorum no file is renamed.
    if (from === to || !this.isQuorate) return
    if (guest.ports.length === 0) {
      guest.node = to
      return
    }
    guest.ports = [from, to]
    this.#lookAround()
    if (succeeds) {
      guest.node = to
      this.#lookAround()
    }
    guest.ports = [guest.node]
  }

  #wait(seconds: number): void {
    for (let waited = 0; waited < seconds; waited += LOOK) {
      this.now += LOOK
      if (this.now % STATUS === 0) this.#tellStatus()
      // With nothing that waits for time to pass, the minute's look is enough.
      if (waited < 20 || this.now % 60 === 0) this.#lookAround()
    }
  }

  #tellStatus(): void {
    this.#running = new Set(
      [...this.#guests].flatMap(([number, { ports }]) => (ports.length > 0 ? [number] : [])),
    )
  }

  #lookAround(): void {
    const late = this.#slow && this.#look(this.#slow)
    // Twice: what one node writes down another one has to read.
    for (let round = 0; round < 2; round++)
      for (const name of NODES)
        if (name !== this.#slow) {
          this.#write(this.#look(name))
          this.#expectEachItsOwn()
        }
    if (late && this.#slow) {
      this.#write(late)
      this.#look(this.#slow)
      this.#expectEachItsOwn()
    }
  }

  /** Returns what it rules, which is not written down yet, and by which records. */
  #look(name: NodeName): Ruled {
    const own = this.#node(name)
    const reading = readingOf(
      [...this.#guests].map(([number, guest]) => guestOf(number, guest)),
      {
        node: name,
        running: this.#running,
        quorate: this.isQuorate,
        sightings: own.sightings,
      },
    )
    const seen = { ...own.seen, links: this.#linksOf(name), holders: new Map(this.#records) }
    const { node: then, ruling } = runOn(reading, seen)
    own.seen = then
    own.sightings.note({
      running: [...this.#running, ...this.#at(name)],
      inUse: usedHere(seen),
      quorate: this.isQuorate,
      open: ruling.open.map(({ place }) => place),
      records: seen.holders,
    })
    this.#expectKept(name)
    return { ruling, records: seen.holders }
  }

  /** As pmxcfs and the driver do: a file that is there is not made again, and only replaced where it is the one that was read. */
  #write({ ruling, records }: Ruled): void {
    if (!this.isQuorate) return
    for (const change of ruling.changes) {
      const isAsRead = this.#records.get(change.place) === records.get(change.place)
      if (change.kind === 'holder-record' && isAsRead) this.#records.set(change.place, change.record)
      else if (isAsRead) this.#records.delete(change.place)
    }
  }

  /** Of what is served at ports no address is there for two guests; one that an edit has just taken away may be for a second. */
  #expectEachItsOwn(): void {
    const holders = new Map<string, number>()
    for (const name of NODES)
      for (const [number, address] of this.#servedAt(name)) {
        if (address !== `192.0.2.${this.#guest(number).octet}`) continue
        const holder = holders.get(address) ?? number
        expect(number, `guest ${number} is served ${address} at ${name}, which ${holder} has`).toBe(holder)
        holders.set(address, number)
      }
  }

  #expectKept(name: NodeName): void {
    const served = new Map(this.#servedAt(name))
    for (const number of this.#at(name)) {
      const guest = this.#guest(number)
      const had = this.#has.get(number)
      const now = served.get(number)
      if (guest.node !== name) continue
      if (had !== undefined) expect(now, `what guest ${number} is served at ${name}`).toBe(had)
      // After an edit the former address is served until the Kea is up that serves the new one.
      else if (now === `192.0.2.${guest.octet}`) this.#has.set(number, now)
    }
  }

  #servedAt(name: NodeName): [number, string][] {
    const { seen } = this.#node(name)
    const destinations = new Set(seen.ports.switches.values())
    return seen.slots
      .filter(({ link, kea }) => destinations.has(link) && kea?.state === 'answering')
      .flatMap(({ kea }) => kea?.serves?.offers ?? [])
      .filter(({ link }) => seen.ports.chains.has(link) && seen.links.has(link))
      .map(offer => [offer.vmid, addressOf(offer)])
  }

  #at(name: NodeName): number[] {
    return [...this.#guests].flatMap(([number, { ports }]) => (ports.includes(name) ? [number] : []))
  }

  #linksOf(name: NodeName): Links {
    // A link keeps its number as long as it is there, which is all that matters here.
    const links = linksOf('vmbr0', ...VMIDS.map(number => `tap${number}i0`))
    const here = new Set(this.#at(name).map(number => `tap${number}i0`))
    return new Map([...links].filter(([link]) => link === 'vmbr0' || here.has(link)))
  }

  #memory(): SightingsMemory {
    return new SightingsMemory(() => this.now)
  }

  #guest(number: number): ModelGuest {
    return this.#guests.get(number) ?? { node: 'pve1', octet: 1, mac: number, ports: [] }
  }

  #node(name: NodeName): ModelNode {
    const found = this.#nodes.get(name)
    if (!found) throw new Error(`no node ${name}`)
    return found
  }
}

function guestOf(number: number, { node: name, octet, mac }: ModelGuest): Guest {
  return vm(number, [{ ip: `192.0.2.${octet}/24`, mac: offer(mac).mac }], { node: name })
}

/** The addresses that guests begin with, and what happens. */
type Story = readonly [readonly number[], readonly Event[]]

function tell([octets, events]: Story): void {
  const cluster = new Cluster(octets)
  for (const one of events) cluster.happen(one)
}

const octets = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: VMIDS.length, maxLength: VMIDS.length })

test('no address is served to two guests, and who runs keeps what it is served', () => {
  fc.assert(
    fc.property(octets, fc.array(event, { minLength: 10, maxLength: 25, size: 'max' }), (given, events) =>
      tell([given, events]),
    ),
    // The same ones each time; CLUSTER_SEED and CLUSTER_RUNS look for others.
    { numRuns: Number(process.env.CLUSTER_RUNS) || 60, seed: Number(process.env.CLUSTER_SEED) || 1 },
  )
})

/** What once went wrong. */
const FOUND: readonly (readonly [string, Story])[] = [
  [
    'a record that is younger than what the status tells of its guest',
    [
      [1, 1, 1, 1],
      [
        { kind: 'wait', seconds: 400 },
        { kind: 'start', vmid: 101 },
        { kind: 'wait', seconds: 1 },
        { kind: 'slow', node: 'pve1' },
        { kind: 'start', vmid: 100 },
        { kind: 'wait', seconds: 12 },
      ],
    ],
  ],
  [
    'a guest that migrates to where a copy of it runs, hardware address and all, with a lower number',
    [
      [1, 1, 1, 1],
      [
        { kind: 'edit', vmid: 100, octet: 1, copies: 103 },
        { kind: 'start', vmid: 103 },
        { kind: 'start', vmid: 100 },
        { kind: 'wait', seconds: 400 },
        { kind: 'migrate', vmid: 103, to: 'pve1', succeeds: true },
      ],
    ],
  ],
  [
    'a hardware address that a guest had here until lately, in a migration that failed, and one that runs here has in use',
    [
      [1, 1, 1, 1],
      [
        { kind: 'start', vmid: 100 },
        { kind: 'edit', vmid: 100, octet: 2, copies: 103 },
        { kind: 'start', vmid: 101 },
        { kind: 'migrate', vmid: 103, to: 'pve1', succeeds: false },
        { kind: 'migrate', vmid: 100, to: 'pve2', succeeds: false },
        { kind: 'stop', vmid: 100 },
        { kind: 'wait', seconds: 12 },
        { kind: 'edit', vmid: 101, octet: 1, copies: undefined },
        { kind: 'edit', vmid: 101, octet: 1, copies: 103 },
        { kind: 'wait', seconds: 1 },
        { kind: 'migrate', vmid: 100, to: 'pve2', succeeds: false },
        { kind: 'wait', seconds: 1 },
        { kind: 'start', vmid: 100 },
        { kind: 'start', vmid: 100 },
      ],
    ],
  ],
]

test.each(FOUND)('what once went wrong goes well: %s', (_, story) => tell(story))
