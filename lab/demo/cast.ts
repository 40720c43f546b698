import type { GuestType } from '../../src/core/guest/names.ts'
import type { DhcpClient } from '../clients/client.ts'
import { dhclient } from '../clients/dhclient.ts'
import { dhcpcd } from '../clients/dhcpcd.ts'
import { networkd } from '../clients/networkd.ts'
import { udhcpc } from '../clients/udhcpc.ts'
import { windowsClients } from '../clients/windows.ts'
import type { DhcpClient6 } from '../clients6/client.ts'
import { dhcpcd6 } from '../clients6/dhcpcd.ts'

/** A guest of the story. */
export interface Role {
  readonly vmid: number
  readonly type: GuestType
  readonly name: string
  /** What is special about it. */
  readonly what: string
  /** As in its configuration, `192.0.2.10/24`; `dhcp`: not guestnet's business. */
  readonly ip: string
  readonly gateway?: string
  /** Its IPv6 address and gateway, `2001:db8::10/128`. */
  readonly ip6?: string
  readonly gateway6?: string
  /** What its Notes say is behind it. */
  readonly routes?: string
  /** `vmbr0` if absent. */
  readonly bridge?: string
  /** More properties of its NIC, `,firewall=1`. */
  readonly nic?: string
  readonly client: DhcpClient
  /** That takes its IPv6 address; absent: it has none, or by other means. */
  readonly client6?: DhcpClient6
  /** For people, when the client's own name does not say enough. */
  readonly clientName?: string
  /** The client only speaks as the real one does, and applies nothing. */
  readonly isReplay?: boolean
}

const windows = windowsClients.find(({ name }) => name === 'Windows 10')
if (windows === undefined) throw new Error('no recording of Windows 10')

export const WEB: Role = {
  vmid: 100,
  type: 'qemu',
  name: 'web',
  what: 'on a plain bridge',
  ip: '192.0.2.10/24',
  gateway: '192.0.2.1',
  client: udhcpc,
  clientName: 'udhcpc (BusyBox, Alpine)',
}

export const DB: Role = {
  vmid: 101,
  type: 'qemu',
  name: 'db',
  what: 'behind its firewall bridge',
  ip: '192.0.2.11/24',
  gateway: '192.0.2.1',
  nic: ',firewall=1',
  client: dhclient,
  clientName: 'dhclient (ISC, Debian)',
}

/** The guests that are there from the beginning, each with another client. */
export const CAST: readonly Role[] = [
  WEB,
  DB,
  {
    vmid: 102,
    type: 'qemu',
    name: 'edge',
    what: 'with a /32 and its gateway outside',
    ip: '203.0.113.7/32',
    gateway: '172.31.1.1',
    client: networkd,
    clientName: 'systemd-networkd (cloud images)',
  },
  {
    vmid: 103,
    type: 'lxc',
    name: 'mail',
    what: 'a container with an address of each family',
    ip: '192.0.2.13/24',
    gateway: '192.0.2.1',
    ip6: '2001:db8::13/64',
    client: dhcpcd,
    client6: dhcpcd6,
  },
  {
    vmid: 104,
    type: 'qemu',
    name: 'office',
    what: 'Windows, behind its firewall bridge',
    ip: '192.0.2.14/24',
    gateway: '192.0.2.1',
    nic: ',firewall=1',
    client: windows,
    clientName: 'what Windows 10 sends, replayed',
    isReplay: true,
  },
]

/** Has no address in its configuration: somebody else serves it. */
export const STRANGER: Role = {
  vmid: 105,
  type: 'qemu',
  name: 'lab',
  what: 'with ip=dhcp',
  ip: 'dhcp',
  client: udhcpc,
}

/** Wants the address that another guest has. */
export const RIVAL: Role = {
  vmid: 106,
  type: 'qemu',
  name: 'db-copy',
  what: 'made from a copy of db',
  ip: DB.ip,
  gateway: '192.0.2.1',
  client: udhcpc,
}

/** Two customers who both think of 10.0.0.5. */
export const TWINS: readonly Role[] = [5, 6].map(tag => ({
  vmid: 105 + tag,
  type: 'qemu',
  name: `customer${tag}`,
  what: `in VLAN ${tag}`,
  ip: '10.0.0.5/24',
  gateway: '10.0.0.1',
  nic: `,tag=${tag}`,
  client: udhcpc,
}))

/** The bridge of the guests that are announced; it has no ports but theirs, so that it can be their gateway. */
export const ROUTED_BRIDGE = 'vmbr1'
const ROUTED = {
  type: 'qemu',
  gateway: '172.31.1.1',
  gateway6: 'fe80::1',
  bridge: ROUTED_BRIDGE,
  client: networkd,
} as const

/** Has an address of each family, and moves. */
export const SHOP: Role = {
  ...ROUTED,
  vmid: 120,
  name: 'shop',
  what: 'with a /32 and a /128',
  ip: '203.0.113.20/32',
  ip6: '2001:db8:a::20/128',
}

/** Has a whole network behind it. */
export const VPN: Role = {
  ...ROUTED,
  vmid: 121,
  name: 'vpn',
  what: 'whose Notes have a prefix routed to it',
  ip: '203.0.113.21/32',
  ip6: '2001:db8:a::21/128',
  routes: '203.0.113.64/28',
}

export function macOf({ vmid }: Role): string {
  return `bc:24:11:00:00:${vmid.toString(16).padStart(2, '0')}`
}

export function nameOf({ type, vmid, name }: Role): string {
  return `${type === 'qemu' ? 'VM' : 'CT'} ${vmid} ${name}`
}

/** `VM 100 web, on a plain bridge`. */
export function introductionOf(role: Role): string {
  return `${nameOf(role)}, ${role.what}`
}

export function clientOf({ client, clientName = client.name }: Role): string {
  return clientName
}

/** `192.0.2.10` of `192.0.2.10/24`. */
export function addressIn(cidr: string): string {
  return cidr.replace(/\/.*/, '')
}

/** A guest's configuration as Proxmox writes it: a VM has its address in `ipconfigN`, a container in `netN`. */
export function configOf(role: Role): string {
  const { type, name, nic = '', bridge = 'vmbr0' } = role
  const mac = macOf(role).toUpperCase()
  return type === 'qemu'
    ? `${notesOf(role)}ipconfig0: ${addressingOf(role)}\nname: ${name}\nnet0: virtio=${mac},bridge=${bridge}${nic}\n`
    : `hostname: ${name}\nnet0: name=eth0,bridge=${bridge},hwaddr=${mac},${addressingOf(role)},type=veth${nic}\n`
}

function addressingOf({ ip, gateway, ip6, gateway6 }: Role): string {
  const parts = { ip, gw: gateway, ip6, gw6: gateway6 }
  return Object.entries(parts)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(',')
}

/** Notes are comments at the head of the file, each line encoded as in a URL. */
function notesOf({ routes }: Role): string {
  if (routes === undefined) return ''
  const lines = ['```guestnet', `routes: [${routes}]`, '```']
  return lines.map(line => `#${encodeURIComponent(line)}\n`).join('')
}
