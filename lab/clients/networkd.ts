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
    const leaseFile = join(guest.dir, 'run/systemd/netif/leases', String(self?.ifindex))
    const networkFile = join(
      guest.lab.folder('guests', guest.netns, 'run/systemd/network'),
      `${link}.network`,
    )
    writeFileSync(networkFile, networkOf(link))
    rmSync(leaseFile, { force: true })
    const client = await startInMachine(guest, `networkd-${link}`, ['sh', '-c', START])
    return {
      lease: () =>
        existsSync(leaseFile) ? leaseFrom(parseEnvironment(readFileSync(leaseFile, 'utf8'))) : undefined,
      stop: () => client.stop(),
    }
  },
}

/** Its unit would make these folders for the user it becomes. */
const START = `
mkdir -p /run/systemd/netif/leases /run/systemd/netif/links /run/systemd/netif/lldp
chown -R systemd-network: /run/systemd/netif
exec /lib/systemd/systemd-networkd`

function leaseFrom(told: Environment): Lease | undefined {
  if (told.ADDRESS === undefined) return undefined
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
    leaseTime: numberIn(told.LIFETIME),
  }
}
