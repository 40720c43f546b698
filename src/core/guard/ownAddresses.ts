import { leaseKeyOf } from '../dhcp/lease.ts'
import { type Guest, type Nic, staticAddresses } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import type { RefusalCode } from '../problem/refusal.ts'
import { claimsOf } from '../ruling/claim.ts'
import { type Address, isIpv4 } from '../values/address.ts'
import { describeNetwork } from '../values/network.ts'
import type { GuardContext } from './context.ts'
import { addressOfEntry, type Entry, NO_ENTRIES } from './entry.ts'

/** Somebody else has the address, or has had it until lately. */
const SOMEBODY_ELSES = new Set<RefusalCode>(['held-by-another', 'reserved-for-another'])
/** Nobody knows yet: who has it goes on having it, and who has not does not get it. */
const UNSETTLED = new Set<RefusalCode>(['no-quorum', 'not-settled'])

/** The addresses that are a NIC's: as its configuration says and nobody else holds, and one that it is about to give up. */
export function ownAddresses(guest: Guest, nic: Nic, label: string, context: GuardContext): Address[] {
  const observed = context.observed.table.ports.get(linkNameOf(guest, nic.index))
  const there = observed?.label === label ? observed.entries : NO_ENTRIES
  const current = staticAddresses(nic.addressing).filter(address => {
    const code = context.ruling.refusalOf({ vmid: guest.vmid, nic: nic.index, address })?.code
    if (code === undefined) return true
    return !SOMEBODY_ELSES.has(code) && (!UNSETTLED.has(code) || there.has(entryOf(address)))
  })
  return [...current, ...retained(nic, current, there, context)]
}

export function entryOf(address: Address, isExtra = false): Entry {
  const kind = isIpv4(address) ? 'ipv4' : 'ipv6'
  return `${isExtra ? 'extra-' : ''}${kind} ${address}` as Entry
}

/**
 * A former address of a port that goes on being there: it stays until the guest has taken its new one by DHCP, or somebody
 * else wants it, just as it stays announced. What it was is told by the port's rules, and where those are new, as where the
 * guest has just come to by a migration, by its file.
 */
function retained(
  { mac, addressing, atStart, bridge, tag }: Nic,
  current: readonly Address[],
  there: ReadonlySet<Entry>,
  { guests, observed: { leases } }: GuardContext,
): Address[] {
  const written = new Set(staticAddresses(addressing))
  const before = [
    ...[...there].flatMap(entry => addressOfEntry(entry) ?? []),
    ...staticAddresses(atStart ?? {}),
  ]
  const former = [...new Set(before)].filter(address => !written.has(address))
  if (former.length === 0 || mac === undefined || bridge === undefined) return []
  const network = describeNetwork({ bridge, ...(tag !== undefined && { tag }) })
  const wanted = new Set(
    guests
      .flatMap(claimsOf)
      .flatMap(claim => (describeNetwork(claim.network) === network ? claim.address : [])),
  )
  // Where it is not known what guests have leased, the former address stays.
  const leased = new Set((leases ?? []).map(leaseKeyOf))
  return former.filter(address => {
    if (wanted.has(address)) return false
    const successor = current.find(one => isIpv4(one) === isIpv4(address))
    return successor !== undefined && !leased.has(leaseKeyOf({ address: successor, mac }))
  })
}
