import { describeNic } from '../dhcp/offer.ts'
import type { Links } from '../node/link.ts'
import type { AnnouncedNetwork } from '../policy/announce.ts'
import type { Problem } from '../problem/problem.ts'
import type { GuestRoute, Routing } from '../routing/routing.ts'
import { contend } from '../ruling/contend.ts'
import type { Prefix } from '../values/address.ts'
import { describeNetwork } from '../values/network.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { Announcement } from './announcement.ts'
import {
  type AnnounceInput,
  type Candidate,
  type Context,
  candidatesOf,
  knownOf,
  retained,
  rivalsOf,
} from './candidates.ts'
import { gatewaysFor, proxiesFor, rulesFor } from './gateway.ts'
import type { NetworkOnDevice } from './networkOnDevice.ts'
import { routedPrefixes } from './routedPrefixes.ts'
import { sinceOf } from './since.ts'

/** What should be in the kernel and told to others. */
export interface AnnounceIntent {
  readonly routing: Routing
  readonly announcements: readonly Announcement[]
  readonly problems: readonly Problem[]
}

/** From what was read to what the kernel and BGP should know about the guests that live here. Pure. */
export function announce(given: AnnounceInput): AnnounceIntent {
  const input: Context = { ...given, ...knownOf(given) }
  const problems: Problem[] = []
  const networks = usableNetworks(input, problems)
  const local = input.guests.flatMap(guest => candidatesOf(guest, networks, input))
  const rivals = rivalsOf(local, networks, input)
  const ruling = contend([...local, ...rivals], ({ address }) => address)
  const isLocal = new Set(local)
  for (const { claim, holder } of ruling.lost)
    if (isLocal.has(claim)) problems.push(duplicateProblem(claim, holder))
  const held = ruling.held.filter(candidate => isLocal.has(candidate))
  const addresses = [...held, ...retained(held, networks, input)]
  const routed = routedPrefixes(held, input, problems)
  const routes = [...addresses.map(hostRoute), ...routed.map(({ route }) => route)]
  return {
    routing: {
      table: input.policy.table,
      routes,
      neighbours: addresses.map(({ address, mac, device }) => ({ address, mac, device })),
      proxies: proxiesFor(input.guests, networks, new Set(addresses.map(({ address }) => address))),
      rules: rulesFor(networks, input.policy),
      gateways: gatewaysFor(networks, input.links, problems),
    },
    announcements: [
      ...addresses.map(candidate => announcementOf(candidate, hostPrefix(candidate.address), input)),
      ...routed.map(({ candidate, route }) => announcementOf(candidate, route.prefix, input)),
    ],
    problems,
  }
}

function usableNetworks({ policy, links }: AnnounceInput, problems: Problem[]): NetworkOnDevice[] {
  return policy.networks.flatMap(network => {
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
}

/** On a tagged network the VLAN's own link, however Proxmox made it: of a VLAN-aware bridge, or a bridge per VLAN. */
export function deviceOf({ bridge, tag, device }: AnnouncedNetwork, links: Links): string {
  if (device !== undefined) return device
  if (tag === undefined) return bridge
  return links.has(`${bridge}.${tag}`) ? `${bridge}.${tag}` : `${bridge}v${tag}`
}

function duplicateProblem(claim: Candidate, holder: Candidate): Problem {
  return {
    code: 'announce-duplicate',
    message: `${describeNic({ ...claim, type: claim.guest.type, vmid: claim.guest.vmid })} has the address ${claim.address} that guest ${holder.vmid} on node ${holder.guest.node} holds; it is announced for that one only.`,
    remedy: 'Give one of them another address.',
    ...placeOf(claim),
    vmid: claim.vmid,
    nic: claim.nic,
  }
}

/** Where a guest's address is written. */
function placeOf({ guest, index, address }: Candidate): Pick<Problem, 'file' | 'line'> {
  const { further } = guest
  return further && index.addressing.further?.includes(address)
    ? { file: further.file }
    : { file: guest.file, line: index.line }
}

function hostRoute({ address, device }: Candidate): GuestRoute {
  return { prefix: hostPrefix(address), device }
}

function announcementOf({ guest, device }: Candidate, prefix: Prefix, input: Context): Announcement {
  const { vmid } = guest
  const communities = input.policy.notes === 'trusted' ? input.notesOf(vmid).communities : []
  return { prefix, vmid, device, communities, since: sinceOf(prefix, vmid, input) }
}
