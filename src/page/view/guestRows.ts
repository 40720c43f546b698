import { describeGuest } from '../../core/guest/names.ts'
import type { Problem } from '../../core/problem/problem.ts'
import type { GuestWays, NicWays } from '../../core/report/guestWays.ts'
import type { Step } from '../../core/report/step.ts'
import { groupBy } from '../../core/values/collection.ts'
import { describeNetwork } from '../../core/values/network.ts'
import { blackholesIn } from './blackhole.ts'
import { type Chain, type ChainContext, chainsOf, guestStateOf } from './chain.ts'
import type { GuestState } from './guestState.ts'
import type { Seen } from './seen.ts'

/** A guest as its row shows it. */
export interface GuestRow {
  readonly vmid: number
  /** `VM 100`. */
  readonly title: string
  readonly name: string
  /** Where its configuration is, if that is another node. */
  readonly elsewhere?: string
  readonly file: string
  readonly state: GuestState
  readonly nics: readonly NicRow[]
  readonly problems: readonly Problem[]
  /** The sentence of the first link that is broken, else of the first that waits. */
  readonly end?: Step
  /** What it is found by, in lower case. */
  readonly words: string
}

export interface NicRow {
  readonly nic: number
  readonly link: string
  readonly mac?: string
  readonly network?: string
  /** With their lengths where they are offered. */
  readonly addresses: readonly string[]
  readonly gateways: readonly string[]
  readonly leases: readonly { readonly address: string; readonly expires: number }[]
  readonly chains: readonly Chain[]
  /** What may leave its port, and what did not; absent: it is not guarded. */
  readonly guard?: Step
}

export function guestRows({ status, guests }: Seen): GuestRow[] {
  const rows = groupBy(status.nics, ({ vmid }) => vmid)
  const problems = groupBy(status.problems, ({ vmid }) => vmid)
  const hasBird = status.announcing?.bird !== undefined
  const dropped = groupBy(blackholesIn(status), ({ vmid }) => vmid)
  return guests.map(guest => {
    const own = rows.get(guest.vmid) ?? []
    const blackholes = new Set(dropped.get(guest.vmid)?.map(({ prefix }) => prefix as string))
    const nics = guest.nics.map(nic =>
      nicRow(nic, { rows: own.filter(row => row.nic === nic.nic), hasBird, blackholes }),
    )
    return {
      vmid: guest.vmid,
      title: describeGuest(guest),
      name: guest.name ?? '',
      ...(guest.node !== status.node && { elsewhere: guest.node }),
      file: guest.file,
      state: guestStateOf(nics.flatMap(({ chains }) => chains)),
      nics,
      problems: problems.get(guest.vmid) ?? [],
      ...endOf(nics),
      words: wordsOf(guest, nics),
    }
  })
}

function nicRow(nic: NicWays, context: ChainContext): NicRow {
  const { rows } = context
  const offers = rows.flatMap(({ offer }) => offer ?? [])
  const offered = new Map(offers.map(({ address }) => [bare(address), address as string]))
  return {
    nic: nic.nic,
    link: nic.link,
    ...(nic.mac !== undefined && { mac: nic.mac }),
    ...(nic.network && { network: describeNetwork(nic.network) }),
    addresses: nic.addresses.map(address => offered.get(address) ?? address),
    gateways: offers.flatMap(({ gateway }) => gateway ?? []),
    leases: rows.flatMap(({ lease }) => lease ?? []),
    chains: chainsOf(nic, context),
    ...(nic.guard && { guard: nic.guard }),
  }
}

function bare(cidr: string): string {
  return cidr.replace(/\/.*/, '')
}

/** What is only left alone ends nowhere that anybody would want to know of first. */
function endOf(nics: readonly NicRow[]): Pick<GuestRow, 'end'> {
  const ends = nics.flatMap(({ chains }) => chains.flatMap(({ end }) => end ?? []))
  const end = ends.find(({ state }) => state === 'broken') ?? ends[0]
  return end ? { end } : {}
}

function wordsOf({ vmid, type, name = '' }: GuestWays, nics: readonly NicRow[]): string {
  const nicWords = nics.flatMap(({ mac = '', link, network = '', addresses, chains }) => [
    mac,
    mac.replaceAll(':', ''),
    link,
    network,
    ...addresses,
    ...chains.flatMap(({ prefix }) => prefix ?? []),
  ])
  return [`${type === 'qemu' ? 'vm' : 'ct'} ${vmid}`, name, ...nicWords].join('\n').toLowerCase()
}

/** What of the rows is shown. */
export interface Sieve {
  readonly text: string
  /** Absent: every state. */
  readonly state?: GuestState
}

/** The rows that every word of the text is found in: a number, a name, an address or a hardware address, or parts of them. */
export function sift(rows: readonly GuestRow[], { text, state }: Sieve): GuestRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).map(asMac)
  return rows.filter(
    row => (state === undefined || row.state === state) && words.every(word => row.words.includes(word)),
  )
}

/** `52-54-00-AB-CD-EF` and `5254.00ab.cdef` are other ways to write what is shown with colons. */
function asMac(word: string): string {
  const isMac = /^[0-9a-f]{2}(?:-[0-9a-f]{2})+$/.test(word) || /^[0-9a-f]{4}(?:\.[0-9a-f]{4})+$/.test(word)
  return isMac ? word.replaceAll(/[-.]/g, '') : word
}

export function countStates(rows: readonly Pick<GuestRow, 'state'>[]): ReadonlyMap<GuestState, number> {
  return new Map([...groupBy(rows, ({ state }) => state)].map(([state, group]) => [state, group.length]))
}
