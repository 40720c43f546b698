import type { Vmid } from '../guest/names.ts'
import type { Prefix } from '../values/address.ts'
import type { Community } from '../values/community.ts'
import { memoOf } from '../values/memo.ts'
import { describeNetwork, type Network } from '../values/network.ts'

/** What BGP tells others to send to this node: an address of a guest, or a prefix behind one. */
export interface Announcement {
  readonly prefix: Prefix
  readonly vmid: Vmid
  /** The network of the guest's NIC; absent: told by an older guestnet. */
  readonly network?: Network
  /** The node's link towards the guest's network. */
  readonly device: string
  /**
   * The guest's own link: BIRD makes the announcement while it is up, and withdraws it when it goes. Absent: that depends on no
   * link, as of a black hole; or an older guestnet told it, and then it depends on `device`.
   */
  readonly port?: string
  /** Besides the large community that names the guest, AS:1:VMID. */
  readonly communities: readonly Community[]
  /** Unix seconds until when routers are asked to drop what is sent there; absent: they are not. */
  readonly blackhole?: number
  /** Unix seconds when the guest came here with it, running or not: where two nodes announce it, routers believe the later. */
  readonly since: number
}

/** All that is told of it, in one text: equal announcements have equal texts. */
export const announcementText = memoOf((announcement: Announcement): string => {
  const { network, device, port = '', communities, blackhole = '', since } = announcement
  return `${announcementKey(announcement)} ${network && describeNetwork(network)} ${device} ${port} ${since} ${blackhole} ${communities.join(' ')}`
})

/** Names what is announced: the same prefix for the same guest is the same, whatever else is told of it. */
export function announcementKey({ prefix, vmid }: Pick<Announcement, 'prefix'> & { vmid: number }): string {
  return `${prefix} ${vmid}`
}
