import type { Further } from '../core/guest/further.ts'
import { type Guest, type Nic, staticAddresses } from '../core/guest/guest.ts'
import type { Vmid } from '../core/guest/names.ts'
import type { AnnouncePolicy } from '../core/policy/announce.ts'
import { networkFor } from '../core/policy/announced.ts'

/**
 * Guests with what other files say of them: such addresses belong to the NIC that has the file's MAC, else to the first
 * NIC in an announced network. Those that the guest has anyway are left out.
 */
export function withFurther(
  guests: readonly Guest[],
  further: ReadonlyMap<Vmid, Further>,
  policy: AnnouncePolicy | undefined,
): readonly Guest[] {
  if (further.size === 0 || !policy) return guests
  return guests.map(guest => {
    const said = further.get(guest.vmid)
    return said ? { ...guest, nics: withAddresses(guest.nics, said, policy), further: said } : guest
  })
}

function withAddresses(nics: readonly Nic[], { mac, addresses }: Further, policy: AnnouncePolicy): Nic[] {
  const owner = nics.find(nic => nic.mac === mac) ?? nics.find(nic => isAnnounced(nic, policy))
  const own = new Set(nics.flatMap(({ addressing }) => staticAddresses(addressing)))
  const others = [...new Set(addresses)].filter(address => !own.has(address))
  return nics.map(nic =>
    nic === owner && others.length > 0 ? { ...nic, addressing: { ...nic.addressing, further: others } } : nic,
  )
}

function isAnnounced({ bridge, tag }: Nic, policy: AnnouncePolicy): boolean {
  return (
    bridge !== undefined && networkFor(policy, { bridge, ...(tag !== undefined && { tag }) }) !== undefined
  )
}
