import { leaseKeyOf } from './dhcp/lease.ts'
import { addressOfEntry } from './guard/entry.ts'
import { type Guest, type Nic, staticAddresses } from './guest/guest.ts'
import { linkNameOf } from './guest/links.ts'
import type { Intent } from './intent.ts'
import { type Address, isIpv4 } from './values/address.ts'

/**
 * The leases, by `leaseKeyOf`, whose beginning ends that a guest keeps a former address: announced, in the kernel or let through by
 * the guard, that stays until the guest has taken its new one by DHCP.
 */
export function awaitedLeases(guests: readonly Guest[], { announcing, guard }: Intent): Set<string> {
  const kept = new Map<string, Address[]>()
  const keep = (key: string, address: Address | undefined) => {
    if (address !== undefined) kept.set(key, [...(kept.get(key) ?? []), address])
  }
  for (const { mac, address } of announcing?.routing.neighbours ?? []) keep(mac, address)
  for (const { link, entries } of guard.ports) for (const entry of entries) keep(link, addressOfEntry(entry))
  return new Set(
    guests.flatMap(guest =>
      guest.nics.flatMap(nic => {
        const own = [...(kept.get(nic.mac ?? '') ?? []), ...(kept.get(linkNameOf(guest, nic.index)) ?? [])]
        return successors(nic, own)
      }),
    ),
  )
}

/** What a NIC has to lease in place of those it has that its file does not say. */
function successors({ mac, addressing }: Nic, kept: readonly Address[]): string[] {
  if (mac === undefined || kept.length === 0) return []
  const written = staticAddresses(addressing)
  const former = kept.filter(address => !written.includes(address))
  return written
    .filter(address => former.some(one => isIpv4(one) === isIpv4(address)))
    .map(address => leaseKeyOf({ address, mac }))
}
