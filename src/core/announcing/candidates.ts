import { type Guest, type Nic, networkOf, staticAddresses } from '../guest/guest.ts'
import { linksOfNode } from '../guest/links.ts'
import type { AnnouncedNetwork, AnnouncePolicy } from '../policy/announce.ts'
import { mayLeave, networkFor } from '../policy/announced.ts'
import { type Blackhole, blackholeOf } from '../policy/blackhole.ts'
import type { Refusal } from '../problem/refusal.ts'
import { linksOfNic, noBridgeRefusal, noMacRefusal, unusableRefusal, whyNotLive } from '../ruling/presence.ts'
import { type Address, isUnicast } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import { isSameList, memoOfLast } from '../values/memo.ts'
import { describeNetwork } from '../values/network.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { Context } from './context.ts'
import { deviceOf, type NetworkOnDevice } from './networkOnDevice.ts'
import { waitsForPort } from './standby.ts'
import type { Judged, Verdict } from './wanted.ts'

/** How a guest was judged, and by what. */
const JUDGED = new WeakMap<
  Guest,
  { readonly basis: readonly unknown[]; readonly judged: readonly Judged[] }
>()

/**
 * How the addresses of a guest of this node are judged, each with what is to be done about it. The same, not only equal, while all that it is judged by
 * is the same: an event concerns one guest of hundreds.
 */
export function judgeBy(
  networks: readonly NetworkOnDevice[],
  context: Context,
): (guest: Guest) => readonly Judged[] {
  const common = commonBasis(networks, context)
  return guest => {
    const basis = basisOf(guest, common, context)
    const known = JUDGED.get(guest)
    if (known && isSameList(known.basis, basis)) return known.judged
    const judged = judgeAnew(guest, networks, context)
    JUDGED.set(guest, { basis, judged })
    return judged
  }
}

/** Stands for all that every guest is judged by, as `verdictOn` looks at it: the same while that is. */
const commonBasis = memoOfLast(
  (_networks: readonly NetworkOnDevice[], _context: Context): object => ({}),
  (networks, { policy, links, ruling, blackholes, node, asNumbers }) => [
    ...[policy, node, asNumbers === undefined, blackholes.length, ...blackholes],
    ...[ruling.refusalOf, ruling.announceRefusalOf, ruling.isContested],
    ...networks.flatMap(({ network, device }) => [network, device]),
    // Bridges, and the devices of networks.
    ...linksOfNode(links),
  ],
)

/** What the guest itself is judged by besides; links are the same values while nothing of them changes. */
function basisOf(guest: Guest, common: object, { links, knownMacs, notesOf }: Context): unknown[] {
  const basis: unknown[] = [common, notesOf(guest.vmid)]
  for (const nic of guest.nics) {
    const { port, beyondFirewall } = linksOfNic(guest, nic)
    basis.push(links.get(port), links.get(beyondFirewall), nic.mac && knownMacs.has(nic.mac))
  }
  return basis
}

function judgeAnew(guest: Guest, networks: readonly NetworkOnDevice[], context: Context): Judged[] {
  const { type, vmid } = guest
  return guest.nics.flatMap(nic =>
    staticAddresses(nic.addressing).map((address): Judged => {
      const name = { type, vmid, nic: nic.index, address }
      const verdict = verdictOn(guest, nic, address, networks, context)
      return { ...verdict, ...name, guest, config: nic }
    }),
  )
}

function verdictOn(
  guest: Guest,
  nic: Nic,
  address: Address,
  networks: readonly NetworkOnDevice[],
  context: Context,
): Verdict {
  const blackhole = blackholeOf({ vmid: guest.vmid, address }, context.blackholes)
  const network = networkFrom(guest, nic, address, blackhole, context)
  if ('code' in network) return withheld(network)
  const { knownMacs, ruling } = context
  const isKnown = (mac: Mac) => knownMacs.has(mac)
  const whatIs = { vmid: guest.vmid, nic: nic.index, address }
  const taken = ruling.refusalOf(whatIs) ?? ruling.announceRefusalOf(whatIs)
  const notLive = whyNotLive(guest, nic, { ...context, isKnown })
  const on = onNetwork(nic, networks)
  // An attack does not end with the guest. Whoever else holds the address is not to suffer for it.
  if (blackhole && !taken && !guest.template && (notLive || !on))
    return { fate: 'blackholed', device: deviceOf(network, context.links), blackhole }
  const refusal = notLive ?? taken
  if (!on) return withheld(refusal ?? noDevice(network, context))
  if (!nic.mac) return withheld(refusal ?? noMacRefusal({ file: guest.file, line: nic.line }))
  const place = { device: on.device.name, mac: nic.mac }
  if (!refusal) return { fate: 'here', ...place, ...(blackhole && { blackhole }) }
  const hasBird = context.asNumbers !== undefined
  return waitsForPort(guest, nic, address, refusal, { hasBird, ruling })
    ? { fate: 'withheld', refusal, standby: place }
    : withheld(refusal)
}

function withheld(refusal: Refusal): Verdict {
  return { fate: 'withheld', refusal }
}

/** The policy's network that an address may be announced from, or why it may not, whether the guest runs or not. */
function networkFrom(
  guest: Guest,
  nic: Nic,
  address: Address,
  blackhole: Blackhole | undefined,
  context: Context,
): AnnouncedNetwork | Refusal {
  const notes = context.notesOf(guest.vmid)
  // No tenant gets out of it: without the announcement the way to the whole prefix would lead the attack here.
  if (!notes.announce && !blackhole) {
    return {
      code: 'notes-off',
      message: "the guest's Notes say `announce: false`",
      remedy: 'Remove that from the Notes.',
      where: { file: guest.file, ...(notes.lines.announce !== undefined && { line: notes.lines.announce }) },
    }
  }
  if (!isUnicast(address)) return unusableRefusal(address, { file: guest.file, line: nic.line })
  const network = policyNetworkOf(nic, context.policy)
  if (!network) return notInNetworks(guest, nic, context)
  return mayLeave(network, hostPrefix(address)) ? network : prefixOutside(address, network, context)
}

function onNetwork({ bridge, tag }: Nic, networks: readonly NetworkOnDevice[]): NetworkOnDevice | undefined {
  return networks.find(({ network }) => network.bridge === bridge && network.tag === tag)
}

function policyNetworkOf(nic: Nic, policy: AnnouncePolicy): AnnouncedNetwork | undefined {
  const network = networkOf(nic)
  return network && networkFor(policy, network)
}

function notInNetworks(guest: Guest, nic: Nic, { policyPlace }: Context): Refusal {
  const network = networkOf(nic)
  if (!network) return noBridgeRefusal({ file: guest.file, line: nic.line })
  const where = policyPlace(['networks'])
  return {
    code: 'not-in-networks',
    message: `the policy does not announce ${describeNetwork(network)}`,
    remedy: 'Add it to `announce.networks` in the policy if its guests are to be announced.',
    ...(where && { where }),
  }
}

function prefixOutside(
  address: Address,
  network: AnnouncedNetwork,
  { policy, policyPlace }: Context,
): Refusal {
  const where = policyPlace(['networks', policy.networks.indexOf(network), 'prefixes'])
  return {
    code: 'prefix-outside',
    message: `${address} lies in none of the prefixes that the policy announces for ${describeNetwork(network)} (${network.prefixes.join(', ')})`,
    remedy: 'Add its prefix to `prefixes` in the policy if it is to be announced.',
    ...(where && { where }),
  }
}

/** The network has no layer-3 link here, or the link is down. */
function noDevice(network: AnnouncedNetwork, { links }: Context): Refusal {
  if (!links.has(network.bridge)) {
    return {
      code: 'bridge-missing',
      message: `this node has no bridge ${network.bridge}`,
      remedy: `Make the bridge ${network.bridge}, or correct the guest's configuration.`,
    }
  }
  const device = deviceOf(network, links)
  return {
    code: 'device-missing',
    message: `the link ${device}, by which guests of ${describeNetwork(network)} are reached, ${links.has(device) ? 'is down' : 'does not exist'}`,
    remedy: links.has(device)
      ? `Run "ip link set ${device} up".`
      : `Make the link ${device}, or name another as \`device\` in the policy.`,
  }
}
