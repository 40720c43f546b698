import type { Link, Links } from '../node/link.ts'
import type { AnnouncedNetwork } from '../policy/announce.ts'
import type { Problem } from '../problem/problem.ts'
import { describeNetwork } from '../values/network.ts'

/** An announced network and its layer-3 link on this node. */
export interface NetworkOnDevice {
  readonly network: AnnouncedNetwork
  readonly device: Link
}

/** The announced networks whose guests can be reached from this node. */
export function networksOnDevices(
  networks: readonly AnnouncedNetwork[],
  links: Links,
): { usable: NetworkOnDevice[]; problems: Problem[] } {
  const problems: Problem[] = []
  const usable = networks.flatMap(network => {
    // A network that has no bridge on this node has no guests on it either.
    if (!links.has(network.bridge)) return []
    const name = deviceOf(network, links)
    const device = links.get(name)
    if (device?.up) return [{ network, device }]
    problems.push({
      code: 'device-missing',
      message: `${describeNetwork(network)} is announced, but its link ${name} ${device ? 'is down' : 'does not exist'} on this node, so its guests cannot be reached through it.`,
      remedy: `Bring ${name} up, or name another link as device in the policy.`,
    })
    return []
  })
  return { usable, problems }
}

/** On a tagged network the VLAN's own link, however Proxmox made it: of a VLAN-aware bridge, or a bridge per VLAN. */
export function deviceOf({ bridge, tag, device }: AnnouncedNetwork, links: Links): string {
  if (device !== undefined) return device
  if (tag === undefined) return bridge
  return links.has(`${bridge}.${tag}`) ? `${bridge}.${tag}` : `${bridge}v${tag}`
}
