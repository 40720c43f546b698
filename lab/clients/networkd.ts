import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DhcpClient } from './client.ts'
import { type Environment, numberIn, parseEnvironment, words } from './environment.ts'
import { type Lease, lengthOfMask } from './lease.ts'
import { startInMachine } from './machine.ts'

/** KeepConfiguration: it would take the address away as it ends. */
function networkOf(link: string): string {
  return `[Match]
Name=${link}
[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
KeepConfiguration=dhcp-on-stop
[DHCPv4]
UseDomains=yes
UseMTU=yes
`
}

/** systemd-networkd without systemd as process 1: Ubuntu's servers and most cloud images. */
export const networkd: DhcpClient = {
  name: 'networkd',
  async start({ guest, link }) {
    const [self] = await guest.ipJson<{ ifindex: number }>('link', 'show', 'dev', link)
    const netif = join(guest.dir, 'run/systemd/netif')
    const leaseFile = join(netif, 'leases', String(self?.ifindex))
    const linkFile = join(netif, 'links', String(self?.ifindex))
    const networkFile = join(
      guest.lab.folder('guests', guest.netns, 'run/systemd/network'),
      `${link}.network`,
    )
    writeFileSync(networkFile, networkOf(link))
    for (const file of [leaseFile, linkFile]) rmSync(file, { force: true })
    // From 257 on it writes the lease first; the address comes then, and some milliseconds later the routes.
    const isApplied = () => readEnvironment(linkFile)?.ADMIN_STATE === 'configured'
    const client = await startInMachine(guest, `networkd-${link}`, ['sh', '-c', NETWORKD])
    return {
      lease: () => (isApplied() ? leaseFrom(readEnvironment(leaseFile)) : undefined),
      stop: () => client.stop(),
    }
  },
}

/** Starts it. Its unit would make these folders for the user it becomes. */
export const NETWORKD = `
mkdir -p /run/systemd/netif/leases /run/systemd/netif/links /run/systemd/netif/lldp
chown -R systemd-network: /run/systemd/netif
exec /lib/systemd/systemd-networkd`

function readEnvironment(file: string): Environment | undefined {
  return existsSync(file) ? parseEnvironment(readFileSync(file, 'utf8')) : undefined
}

function leaseFrom(told: Environment | undefined): Lease | undefined {
  if (told?.ADDRESS === undefined) return undefined
  return {
    address: told.ADDRESS,
    prefixLength: lengthOfMask(told.NETMASK ?? '255.255.255.255'),
    routers: words(told.ROUTER),
    serverIdentifier: told.SERVER_ADDRESS,
    dns: words(told.DNS),
    search: words(told.DOMAIN_SEARCH_LIST),
    hostname: told.HOSTNAME,
    mtu: numberIn(told.MTU),
    // `destination,gateway` each; before systemd 252 the variable had the shorter name.
    classlessRoutes: (told.CLASSLESS_ROUTES ?? told.ROUTES ?? '')
      .split(' ')
      .filter(route => route !== '')
      .map(route => {
        const [destination = '', gateway = ''] = route.split(',')
        return { destination, gateway }
      }),
    leaseTime: secondsIn(told.LIFETIME),
  }
}

const SECONDS = { s: 1, min: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** In seconds: systemd 252 writes their number, 257 a time span as in systemd.time(7), `1h 30min`. */
export function secondsIn(text: string | undefined): number | undefined {
  if (text === undefined || !/[a-z]/.test(text)) return numberIn(text)
  const parts = [...text.matchAll(/(\d+)([a-z]+)/g)]
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit as keyof typeof SECONDS] ?? Number.NaN),
    0,
  )
}
