import type { Guest, Nic } from '../core/guest/guest.ts'
import { networkOf, staticsOf } from '../core/guest/guest.ts'
import { describeGuest } from '../core/guest/names.ts'
import type { Reading } from '../core/reading.ts'
import { describeNetwork } from '../core/values/network.ts'

/** What somebody changed in the cluster's files. */
export interface ReadingNews {
  readonly kind: 'migration' | 'configuration'
  readonly message: string
  readonly vmid?: number
}

type Read = Pick<Reading, 'node' | 'guests' | 'complete' | 'unreadable' | 'drained'>

/**
 * What of two readings is another in the second, as far as it concerns this node: guests that moved from or to it, what its
 * guests have configured, a drain. Nothing is concluded from the absence of what could not be read. Pure.
 */
export function readingNews(before: Read, after: Read): ReadingNews[] {
  if (before.guests === after.guests && before.drained === after.drained) return []
  const former = new Map(before.guests.map(guest => [guest.vmid, guest]))
  const found = after.guests.flatMap(guest => guestNews(former.get(guest.vmid), guest, before, after.node))
  const present = new Set(after.guests.map(({ vmid }) => vmid))
  const gone = before.guests.filter(
    ({ vmid, node }) => node === after.node && !present.has(vmid) && !after.unreadable.has(vmid),
  )
  return [
    ...(before.drained === after.drained ? [] : [news(DRAINED[after.drained])]),
    ...found,
    ...(after.complete ? gone.map(guest => news(`${nameOf(guest)} is not configured any more`, guest)) : []),
  ]
}

const DRAINED = {
  no: 'the node serves again after a drain',
  leaving: 'the node is being drained',
  left: 'the node is drained',
} as const satisfies Record<Reading['drained'], string>

function guestNews(former: Guest | undefined, guest: Guest, before: Read, node: string): ReadingNews[] {
  if (former === guest) return []
  if (!former) {
    const wasUnread = !before.complete || before.unreadable.has(guest.vmid)
    return guest.node === node && !wasUnread
      ? [news(`${nameOf(guest)} is configured: ${waysOf(guest)}`, guest)]
      : []
  }
  if (former.node !== guest.node) {
    if (former.node !== node && guest.node !== node) return []
    const message = `${nameOf(guest)} has moved from ${former.node} to ${guest.node}`
    return [{ kind: 'migration', message, vmid: guest.vmid }]
  }
  const [was, is] = [waysOf(former), waysOf(guest)]
  if (guest.node !== node || was === is) return []
  return [news(`${nameOf(guest)} is configured anew: ${was} → ${is}`, guest)]
}

function news(message: string, guest?: Guest): ReadingNews {
  return { kind: 'configuration', message, ...(guest && { vmid: guest.vmid }) }
}

function nameOf(guest: Guest): string {
  return guest.name === undefined ? describeGuest(guest) : `${describeGuest(guest)} ${guest.name}`
}

/** What of a guest's configuration concerns the network, on one line. */
function waysOf({ nics }: Guest): string {
  return nics.length === 0 ? 'no NIC' : nics.map(describeNicOf).join('; ')
}

function describeNicOf(nic: Nic): string {
  const network = networkOf(nic)
  return [
    `net${nic.index}`,
    ...staticsOf(nic.addressing).map(({ cidr, gateway }) => (gateway ? `${cidr} via ${gateway}` : cidr)),
    ...(network ? [`in ${describeNetwork(network)}`] : []),
    ...(nic.linkDown ? ['link down'] : []),
  ].join(' ')
}
