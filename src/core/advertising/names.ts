import { createHash } from 'node:crypto'

/** Link names hold 15 characters at most (IFNAMSIZ, netdevice(7)); a longer instance name is shortened to a hash. */
const LINK_NAME_LENGTH = 15

/**
 * The hardware address that advertisements of guestnet's come from: locally administered, the same everywhere, and on no
 * network, since they go to guests' ports only.
 */
export const ADVERTISER_MAC = '02:67:6e:72:61:01'

/** The node's end of the veth pair to the advertiser, whose own end is in a namespace of its own. */
export function advertiserLink(instance: string): string {
  const link = `${instance}-ra`
  const hash = createHash('sha256').update(instance).digest('hex').slice(0, 8)
  return link.length <= LINK_NAME_LENGTH ? link : `gn${hash}-ra`
}
