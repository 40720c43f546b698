import { announcingPolicy } from '../lab/announcingPolicy.ts'
import type { Family } from '../src/core/values/family.ts'

/** The bridge and the routing table of everything that is announced here. */
export const BRIDGE = 'vmbr0'
export const TABLE = 100

/** 198.18.0.0/15 is that of benchmarks (RFC 2544): the first half is the guests' own addresses'. */
export const POLICY = announcingPolicy({ bridge: BRIDGE, prefix: '198.18.0.0/15' })

/** A guest with a /32 and a /128. */
export interface AnnouncedGuest {
  readonly vmid: number
  readonly ipv4: string
  readonly ipv6: string
  readonly mac: string
  readonly port: string
}

const FIRST_VMID = 1000

export function announcedGuests(count: number): AnnouncedGuest[] {
  return Array.from({ length: count }, (_, index) => {
    const octets = [index >> 8, index & 255]
    return {
      vmid: FIRST_VMID + index,
      ipv4: `198.18.${octets.join('.')}`,
      // Never with a zero that the kernel would write otherwise.
      ipv6: `2001:db8:a::${(FIRST_VMID + index).toString(16)}`,
      mac: `52:54:00:01:${octets.map(octet => octet.toString(16).padStart(2, '0')).join(':')}`,
      port: `tap${FIRST_VMID + index}i0`,
    }
  })
}

/** About what Proxmox writes for a VM made from a cloud image. */
export function configOf({ vmid, ipv4, ipv6, mac }: AnnouncedGuest): string {
  return `agent: 1
boot: order=scsi0
cores: 2
ipconfig0: ip=${ipv4}/32,gw=172.31.1.1,ip6=${ipv6}/128,gw6=fe80::1
memory: 2048
name: guest${vmid}
net0: virtio=${mac},bridge=${BRIDGE}
ostype: l26
scsi0: local-lvm:vm-${vmid}-disk-0,size=20G
sockets: 1
`
}

/** What a guest has configured, as `ip -batch` lines. */
export function memoryOf({ ipv4, ipv6 }: AnnouncedGuest): string[] {
  return [
    `addr add ${ipv4}/32 dev eth0`,
    'route add 172.31.1.1 dev eth0',
    'route add default via 172.31.1.1',
    `addr add ${ipv6}/128 dev eth0 nodad`,
    'route replace default via fe80::1 dev eth0',
  ]
}

/** The configuration with another address of the family, which no guest has. Again it is its own; `address` is the one it has then. */
export function withEdited(
  text: string,
  { ipv4, ipv6 }: AnnouncedGuest,
  family: Family,
): { text: string; address: string } {
  const [own, other] =
    family === 'ipv4'
      ? [ipv4, ipv4.replace(/^198\.18\.(\d+)/, (_, octet: string) => `198.18.${Number(octet) + 128}`)]
      : [ipv6, ipv6.replace('2001:db8:a::', '2001:db8:a:2::')]
  const [from, to] = text.includes(`=${own}/`) ? [own, other] : [other, own]
  return { text: text.replace(`=${from}/`, `=${to}/`), address: to }
}
