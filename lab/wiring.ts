import type { Guest, Nic } from '../src/core/guest/guest.ts'
import { linkNameOf } from '../src/core/guest/links.ts'

/** A bridge of a simulated node. */
export interface Bridge {
  readonly name: string
  readonly mtu: number
  /** Whether it tells VLANs apart itself (`vlan_filtering`). */
  readonly vlanAware: boolean
}

/** What has to be done, in this order, to wire one NIC as Proxmox VE does, and what undoes it. */
export interface Wiring {
  /** The host link that is the guest's port. */
  readonly port: string
  /** `ip -batch` lines that make links, all still down. */
  readonly create: readonly string[]
  /** Links on which Proxmox turns IPv6 off. */
  readonly withoutIpv6: readonly string[]
  /** `ip -batch` lines that join links to bridges and bring them up. */
  readonly up: readonly string[]
  /** `bridge -batch` lines that set the port's VLAN. */
  readonly vlan: readonly string[]
  /** Links whose deletion takes the rest along; the bridge of a VLAN stays, as it does on Proxmox. */
  readonly remove: readonly string[]
}

export interface WiringInput {
  readonly guest: Pick<Guest, 'type' | 'vmid'>
  readonly nic: Pick<Nic, 'index' | 'mac' | 'tag' | 'firewall' | 'mtu'>
  readonly bridge: Bridge
  /** The guest's namespace, for its end of the port; absent when QEMU makes the port itself. */
  readonly namespace?: string
}

/** The bridge a NIC's frames end up in: on a bridge that does not know VLANs, each tag has one of its own. */
export function bridgeOf(bridge: Bridge, tag: number | undefined): Bridge {
  if (tag === undefined || bridge.vlanAware) return bridge
  return { name: `${bridge.name}v${tag}`, mtu: bridge.mtu, vlanAware: false }
}

/** `ip -batch` line for a bridge, down; ports of a bridge without delay forward at once. */
export function bridgeLine({ name, mtu, vlanAware }: Bridge): string {
  // Some kernels do not even take the word.
  const filtering = vlanAware ? ' vlan_filtering 1' : ''
  return `link add ${name} mtu ${mtu} type bridge forward_delay 0${filtering}`
}

/** The name of a NIC inside the simulated guest. */
export function guestLinkOf(nic: Pick<Nic, 'index'>): string {
  return `eth${nic.index}`
}

/** Wires one NIC; the names are those of qemu-server, pve-container and pve-common. */
export function wireNic({ guest, nic, bridge, namespace }: WiringInput): Wiring {
  const port = linkNameOf(guest, nic.index)
  const target = bridgeOf(bridge, nic.tag)
  const portLines = namespace === undefined ? [] : [guestPortLine(port, nic, target, namespace)]
  const vlan = (uplink: string) =>
    bridge.vlanAware && nic.tag !== undefined ? vlanLines(uplink, nic.tag) : []
  if (!nic.firewall) {
    return {
      port,
      create: portLines,
      withoutIpv6: [port],
      up: [`link set ${port} mtu ${target.mtu} master ${target.name} up`],
      vlan: vlan(port),
      remove: namespace === undefined ? [] : [port],
    }
  }
  const { fwbr, fwpr, fwln } = firewallLinks(guest.vmid, nic.index)
  return {
    port,
    create: [
      ...portLines,
      bridgeLine({ name: fwbr, mtu: target.mtu, vlanAware: false }),
      `link add ${fwpr} mtu ${target.mtu} type veth peer name ${fwln} mtu ${target.mtu}`,
    ],
    withoutIpv6: [port, fwbr, fwpr, fwln],
    up: [
      `link set ${fwbr} up`,
      `link set ${fwpr} master ${target.name} up`,
      `link set ${fwln} master ${fwbr} up`,
      `link set ${port} mtu ${target.mtu} master ${fwbr} up`,
    ],
    vlan: vlan(fwpr),
    remove: [...(namespace === undefined ? [] : [port]), fwpr, fwbr],
  }
}

/**
 * `ip -batch` lines that delete links all at once: the kernel takes 20 ms for a deletion, of one link or of hundreds.
 * `group`: a link group (ip-link(8)) of their own, for others may be about to go at the same time.
 */
export function removalLines(links: readonly string[], group: number): string[] {
  if (links.length === 0) return []
  return [...links.map(link => `link set ${link} group ${group}`), `link del group ${group}`]
}

function firewallLinks(vmid: number, nic: number) {
  // The end in the real bridge has a p where the others have an i.
  return { fwbr: `fwbr${vmid}i${nic}`, fwpr: `fwpr${vmid}p${nic}`, fwln: `fwln${vmid}i${nic}` }
}

function guestPortLine(port: string, nic: WiringInput['nic'], bridge: Bridge, namespace: string): string {
  const mtu = nic.mtu === undefined || nic.mtu === 1 ? bridge.mtu : nic.mtu
  const address = nic.mac === undefined ? '' : ` address ${nic.mac}`
  return `link add ${port} mtu ${bridge.mtu} type veth peer name ${guestLinkOf(nic)}${address} mtu ${mtu} netns ${namespace}`
}

function vlanLines(uplink: string, tag: number): string[] {
  return [`vlan del dev ${uplink} vid 1-4094`, `vlan add dev ${uplink} vid ${tag} pvid untagged`]
}
