import type { Vmid } from '../guest/names.ts'
import type { Prefix } from '../values/address.ts'
import type { Community } from '../values/community.ts'
import type { Network } from '../values/network.ts'

/** What BGP tells others to send to this node: an address of a guest, or a prefix behind one. */
export interface Announcement {
  readonly prefix: Prefix
  readonly vmid: Vmid
  /** The network of the guest's NIC; absent: told by an older guestnet. */
  readonly network?: Network
  /** The node's link towards the guest: the announcement rests while it is down. */
  readonly device: string
  /** Besides the large community that names the guest, AS:1:VMID. */
  readonly communities: readonly Community[]
  /** Unix seconds until when routers are asked to drop what is sent there; absent: they are not. */
  readonly blackhole?: number
  /** Unix seconds when it was first announced from here: where two nodes announce it, routers believe the later. */
  readonly since: number
}
