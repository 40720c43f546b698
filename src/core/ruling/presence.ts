import type { Guest, Nic } from '../guest/guest.ts'
import { beyondFirewallOf, firewallBridgeOf, linkNameOf, vmidsWithPort } from '../guest/links.ts'
import { describeGuest } from '../guest/names.ts'
import type { Link, Links } from '../node/link.ts'
import type { Refusal, Where } from '../problem/refusal.ts'
import { groupBy } from '../values/collection.ts'
import type { Mac } from '../values/mac.ts'
import { listAsBefore, memoOf, memoOfLast } from '../values/memo.ts'

/** Whether a guest has anything to do with this node: its configuration or a port of it is here, on its way in or out. */
export function isHere(guest: Guest, node: string, links: Links): boolean {
  return guest.node === node || guest.nics.some(nic => links.has(linkNameOf(guest, nic.index)))
}

/** Those that `isHere`, without looking at every guest of a big cluster; the same list while they are the same. */
export function guestsHere(guests: readonly Guest[], node: string, links: Links): readonly Guest[] {
  return hereAsBefore(hereAmong(guests, node, links))
}

const hereAsBefore = listAsBefore<Guest>()

/** It is asked several times in each run of the line. */
const hereAmong = memoOfLast((guests: readonly Guest[], node: string, links: Links): Guest[] => {
  const known = byVmid(guests)
  const travelling = [...vmidsWithPort(links)].flatMap(vmid => {
    const guest = known.get(vmid)
    return guest && guest.node !== node && isHere(guest, node, links) ? [guest] : []
  })
  const own = byNode(guests).get(node) ?? []
  return [...own, ...travelling]
})

const byVmid = memoOf(
  (guests: readonly Guest[]) => new Map<number, Guest>(guests.map(guest => [guest.vmid, guest])),
)
const byNode = memoOf((guests: readonly Guest[]) => groupBy(guests, ({ node }) => node))

/** What tells whether a guest's NIC lives here. */
export interface PresenceInput {
  readonly node: string
  readonly links: Links
  /** The NIC's addresses are in the kernel already, so it has been found alive before. */
  readonly isKnown: (mac: Mac) => boolean
}

/**
 * Why traffic for a NIC does not belong here; `undefined`: it does. Its configuration is in this node's folder (the rename of
 * the file is the moment of a live migration), and its port is here and up. A port that appears while a stopped guest is being
 * backed up belongs to a paused QEMU that never runs.
 */
export function whyNotLive(
  guest: Guest,
  nic: Nic,
  { node, links, isKnown }: PresenceInput,
): Refusal | undefined {
  const where = { file: guest.file, line: nic.line }
  if (guest.template) return templateRefusal(guest)
  if (guest.node !== node) return elsewhereRefusal(guest)
  if (nic.mac === undefined) return noMacRefusal(where)
  const name = linkNameOf(guest, nic.index)
  const port = links.get(name)
  if (!port) {
    return {
      code: 'port-missing',
      message: `there is no link ${name} on this node: the guest does not run here`,
      remedy: 'Start the guest.',
    }
  }
  if (!port.up) return downRefusal(nic, name, where)
  if (guest.lock === 'backup' && !isKnown(nic.mac)) {
    return {
      code: 'locked-for-backup',
      message: `${name} appeared while the guest is locked for a backup, so it belongs to a paused QEMU that never runs`,
      remedy:
        'Wait for the backup to end; a lock that was left behind goes with "qm unlock" or "pct unlock".',
      where: { file: guest.file },
    }
  }
  return mismatch(guest, nic, port, links)
}

export function templateRefusal(guest: Guest): Refusal {
  return {
    code: 'template',
    message: `${describeGuest(guest)} is a template, which never runs`,
    remedy: 'Make a guest of it.',
    where: { file: guest.file },
  }
}

export function elsewhereRefusal({ vmid, node, file }: Guest): Refusal {
  return {
    code: 'belongs-elsewhere',
    message: `the guest belongs to node ${node}`,
    remedy: `Ask there: guestnet explain ${vmid} on ${node}.`,
    where: { file },
  }
}

export function noMacRefusal(where: { file: string; line: number }): Refusal {
  return {
    code: 'no-mac',
    message:
      'the NIC has no MAC address, so Proxmox gives it another one at every start and it cannot be recognised',
    remedy: 'Set a MAC address for this NIC.',
    where,
  }
}

export function unusableRefusal(address: string, where: Where): Refusal {
  return {
    code: 'address-unusable',
    message: `no host can have the address ${address}`,
    remedy: 'Correct the address.',
    where,
  }
}

export function noBridgeRefusal(where: { file: string; line: number }): Refusal {
  return {
    code: 'no-bridge',
    message: 'the NIC is on no bridge',
    remedy: 'Give the NIC a bridge.',
    where,
  }
}

function downRefusal({ linkDown, index }: Nic, name: string, where: { file: string; line: number }): Refusal {
  if (linkDown) {
    return {
      code: 'link-down',
      message: `the NIC has link_down=1, so ${name} is down`,
      remedy: `Remove link_down from net${index}.`,
      where,
    }
  }
  return {
    code: 'port-down',
    message: `the port ${name} is down`,
    remedy: `Run "ip link set ${name} up", or stop and start the guest.`,
  }
}

/** The links by which it is told in which bridge a NIC is: its port, and beyond a firewall bridge that one's link. */
export function linksOfNic(guest: Guest, { index }: Nic): { port: string; beyondFirewall: string } {
  const known = NAMES.get(guest)?.get(index)
  if (known) return known
  const names = { port: linkNameOf(guest, index), beyondFirewall: beyondFirewallOf(guest, index) }
  NAMES.set(guest, (NAMES.get(guest) ?? new Map()).set(index, names))
  return names
}

const NAMES = new WeakMap<Guest, Map<number, { port: string; beyondFirewall: string }>>()

/** A port in another bridge than the configured one: what is sent to the configured one never gets there. */
function mismatch(guest: Guest, nic: Nic, port: Link, links: Links): Refusal | undefined {
  const { bridge, tag, line } = nic
  const actual = bridgeOf(guest, nic, port, links)
  if (bridge === undefined || actual === undefined || !links.has(bridge)) return undefined
  if (actual === bridge || (tag !== undefined && actual === `${bridge}v${tag}`)) return undefined
  return {
    code: 'bridge-mismatch',
    message: `the NIC is configured for ${bridge}${tag === undefined ? '' : ` VLAN ${tag}`}, but its port ${port.name} is in ${actual}`,
    remedy: 'Stop and start the guest, or correct its configuration.',
    where: { file: guest.file, line },
  }
}

/** The bridge a port leads to, past its firewall bridge; `undefined` where that cannot be told, as with Open vSwitch. */
function bridgeOf(guest: Guest, nic: Nic, { master }: Link, links: Links): string | undefined {
  const isInFirewall = master === firewallBridgeOf(guest, nic.index)
  const bridge = isInFirewall ? links.get(linksOfNic(guest, nic).beyondFirewall)?.master : master
  return bridge === 'ovs-system' ? undefined : bridge
}
