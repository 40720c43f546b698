import { SERVER_ADDRESS6, SERVER_LINK } from '../core/dhcp/slot.ts'
import type { Family } from '../core/values/family.ts'
import { DONE, type Result } from '../core/values/result.ts'
import { run } from '../os/program.ts'

/**
 * What kea-dhcp6 needs of its end of the link, made when it starts: a slot has been for either family, or was made by a
 * version that knew IPv4 only. Its address has to be there at once, so nobody is asked whether it is in use. `arp off` also
 * means that no neighbour is ever solicited: whom an answer is for is told by its address, and the kernel's neighbours, which
 * all namespaces share, do not grow by what guests write.
 */
const PREPARE6 = `set -e
echo 0 > /proc/sys/net/ipv6/conf/${SERVER_LINK}/disable_ipv6
ip link set ${SERVER_LINK} arp off
ip address replace ${SERVER_ADDRESS6}/64 dev ${SERVER_LINK} nodad
`

export async function prepareLink(namespace: string, family: Family): Promise<Result> {
  if (family === 'ipv4') return DONE
  return await run('ip', ['netns', 'exec', namespace, 'sh', '-c', PREPARE6])
}
