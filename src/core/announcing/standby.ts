import type { Guest, Nic } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import type { Links } from '../node/link.ts'
import type { Refusal, RefusalCode } from '../problem/refusal.ts'
import type { Ruling } from '../ruling/verdict.ts'
import type { Address } from '../values/address.ts'
import type { Announcement } from './announcement.ts'

/** Why an address does not belong here that will as soon as its guest's port is up. */
const FOR_WANT_OF_A_PORT: ReadonlySet<RefusalCode> = new Set(['port-missing', 'port-down', 'link-down'])

/** Characters of a link's name, at most: IFNAMSIZ of netdevice(7), less the zero. BIRD cuts a longer one, and waits for another link. */
const LONGEST_NAME = 15

/**
 * Whether BIRD may announce an address by itself as soon as the guest's port is up, without anybody looking at it again. So
 * nobody else may want it, and no port may come up that the guest does not live at: a stopped guest that is backed up gets one.
 * A guest on its way here is none of this node's until its file is. `hasBird`: there is a BIRD of guestnet's to do it.
 */
export function waitsForPort(
  guest: Guest,
  nic: Nic,
  address: Address,
  { code }: Refusal,
  { hasBird, ruling }: { readonly hasBird: boolean; readonly ruling: Ruling },
): boolean {
  return (
    hasBird &&
    FOR_WANT_OF_A_PORT.has(code) &&
    guest.lock !== 'backup' &&
    !ruling.isContested({ vmid: guest.vmid, nic: nic.index, address }) &&
    linkNameOf(guest, nic.index).length <= LONGEST_NAME
  )
}

/** Whether what BIRD has in its files it does not announce at the moment. */
export function isOnStandby({ port }: Pick<Announcement, 'port'>, links: Links): boolean {
  return port !== undefined && links.get(port)?.up !== true
}
