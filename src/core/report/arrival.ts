import { addressOf } from '../dhcp/offer.ts'
import { describeGuest } from '../guest/names.ts'
import type { Prefix } from '../values/address.ts'
import { groupBy } from '../values/collection.ts'
import type { AnnouncementReport, AnnouncingReport } from './announcing.ts'
import type { NicReport } from './nicRow.ts'
import type { Report } from './report.ts'

/** How far a guest that has just started has come on this node. */
export interface Arrival {
  /** Nothing more is going to come by waiting. */
  readonly isDone: boolean
  /** On one line, for people: `VM 100 net0 served 203.0.113.10, announced 203.0.113.10 to rtr01`. */
  readonly text: string
}

export function arrivalOf(report: Report, vmid: number): Arrival {
  const nics = report.nics.filter(nic => nic.vmid === vmid)
  const prefixes = report.announcing?.announcements.filter(({ vmid: owner }) => owner === vmid) ?? []
  const parts = [
    ...[...groupBy(nics, ({ nic }) => nic).values()].flatMap(arrivalsOfNic),
    ...(report.announcing && prefixes.length > 0 ? [arrivalOfPrefixes(report.announcing, prefixes)] : []),
  ]
  const offer = nics.find(nic => nic.offer)?.offer
  const name = offer ? describeGuest(offer) : `guest ${vmid}`
  if (parts.length === 0) return { isDone: true, text: `${name} has nothing to be served or announced here` }
  return {
    isDone: parts.every(({ isDone }) => isDone),
    text: `${name} ${parts.map(({ text }) => text).join(', ')}`,
  }
}

/** A NIC has a row for each address family; those that fare alike are told together. */
function arrivalsOfNic(rows: readonly NicReport[]): Arrival[] {
  const alike = groupBy(rows, row => textOf(row, ''))
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const addresses = [first, ...others].flatMap(({ offer }) => (offer ? [addressOf(offer)] : []))
    const told = addresses.length > 0 ? ` ${addresses.join(' and ')}` : ''
    return [{ isDone: isDone(first), text: textOf(first, told) }]
  })
}

function isDone({ state, refusal }: NicReport): boolean {
  return refusal !== undefined || (state !== 'stopped' && state !== 'pending')
}

function textOf({ nic, state, refusal }: NicReport, addresses: string): string {
  if (refusal) return `net${nic} not served: ${refusal.message}`
  if (state === 'stopped') return `net${nic} has no port yet`
  return state === 'pending' ? `net${nic} not served${addresses} yet` : `net${nic} served${addresses}`
}

function arrivalOfPrefixes(report: AnnouncingReport, prefixes: readonly AnnouncementReport[]): Arrival {
  const { drained, bird, peers } = report
  if (drained === 'left') return { isDone: true, text: 'not announced: this node is drained' }
  const unready = prefixes.filter(({ route, neighbour, told }) => !route || !neighbour || told === false)
  if (unready.length > 0) return { isDone: false, text: `${list(unready)} not announced yet` }
  if (!bird) return { isDone: true, text: `${list(prefixes)} routed for your own BGP daemon` }
  if (!peers.some(({ isUp }) => isUp)) {
    // Sessions come up in their own time: a node that boots must not wait for them guest by guest.
    return { isDone: true, text: `${list(prefixes)} told to BIRD, but no BGP session is up` }
  }
  // One peer is enough: another may be told of one address family only.
  const unheard = prefixes.filter(({ exportedTo = [] }) => exportedTo.length === 0)
  if (unheard.length > 0) return { isDone: false, text: `${list(unheard)} not announced yet` }
  const hearing = new Set(prefixes.flatMap(({ exportedTo = [] }) => exportedTo))
  return { isDone: true, text: `announced ${list(prefixes)} to ${[...hearing].join(' and ')}` }
}

/** So many prefixes are named; the line is for a task log. */
const NAMED = 4

function list(prefixes: readonly AnnouncementReport[]): string {
  const named = prefixes.slice(0, NAMED).map(({ prefix }) => short(prefix))
  const more = prefixes.length - named.length
  return `${named.join(' and ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** A host's prefix as the address it is. */
function short(prefix: Prefix): string {
  return prefix.replace(prefix.includes(':') ? /\/128$/ : /\/32$/, '')
}
