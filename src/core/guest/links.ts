import type { Link, Links } from '../node/link.ts'
import { memoOf, memoOfText } from '../values/memo.ts'
import { type GuestName, type GuestType, parseVmid, type Vmid } from './names.ts'

/** The NIC of a guest that a link of the node is the other end of. */
export interface GuestLink {
  readonly type: GuestType
  readonly vmid: Vmid
  /** The N of `netN`. */
  readonly nic: number
}

/** Reads what `linkNameOf` makes: `tap100i0` of a VM, `veth100i0` of a container; `undefined` for any other link. */
export const parseGuestLink = memoOfText((link: string): GuestLink | undefined => {
  const [, kind, digits = '', nic] = /^(tap|veth)([0-9]+)i([0-9]|[1-9][0-9])$/.exec(link) ?? []
  const vmid = parseVmid(digits)
  return vmid && { type: kind === 'tap' ? 'qemu' : 'lxc', vmid, nic: Number(nic) }
}, 10_000)

/** The guests that have a port among these links, by name; gone through once while the links are the same. */
export const vmidsWithPort = memoOf(
  (links: ReadonlyMap<string, unknown>): ReadonlySet<number> =>
    new Set([...links.keys()].flatMap(name => parseGuestLink(name)?.vmid ?? [])),
)

/** Whether a link is a guest's own port: the first that its frames come to. */
export function isGuestPort(link: string): boolean {
  return parseGuestLink(link) !== undefined
}

/**
 * Whether a link stands between a guest's port and its bridge, where Proxmox's firewall is switched on for it
 * (pve-common, `PVE/Network.pm`): the bridge `fwbr100i0` that the port is in, and the pair from there to the bridge proper,
 * `fwln100i0` and `fwpr100p0`; with Open vSwitch in place of the pair one link that is in both, `fwln100o0`.
 */
export function isFirewallLink(link: string): boolean {
  return link.startsWith('fw') && /^(?:fwbr[0-9]+i|fwln[0-9]+[io]|fwpr[0-9]+p)[0-9]+$/.test(link)
}

/** The links that are neither guests' ports nor between these and their bridges; gone through once while the links are the same. */
export const linksOfNode = memoOf((links: Links): readonly Link[] =>
  [...links.values()].filter(({ name }) => !isGuestPort(name) && !isFirewallLink(name)),
)

/** The host link Proxmox makes for a NIC (qemu-server and pve-container name them so). */
export function linkNameOf(guest: GuestName, nic: number): string {
  return `${guest.type === 'qemu' ? 'tap' : 'veth'}${guest.vmid}i${nic}`
}

/** The bridge that a NIC's port is in where Proxmox's firewall is switched on for it. */
export function firewallBridgeOf({ vmid }: Pick<GuestName, 'vmid'>, nic: number): string {
  return `fwbr${vmid}i${nic}`
}

/** The end of the pair from that bridge which is in the bridge proper. */
export function beyondFirewallOf({ vmid }: Pick<GuestName, 'vmid'>, nic: number): string {
  return `fwpr${vmid}p${nic}`
}
