import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnvironment, words } from '../clients/environment.ts'
import { startInMachine } from '../clients/machine.ts'
import { NETWORKD } from '../clients/networkd.ts'
import type { DhcpClient6 } from './client.ts'

/** A DUID-EN made of the machine's id and a stable-privacy link-local address. */
function networkOf(link: string, byRouter: boolean): string {
  return `[Match]
Name=${link}
[Network]
DHCP=ipv6
LinkLocalAddressing=ipv6
IPv6LinkLocalAddressGenerationMode=stable-privacy
IPv6AcceptRA=${byRouter ? 'yes' : 'no'}
KeepConfiguration=dhcp-on-stop
[DHCPv6]
${byRouter ? '' : 'WithoutRA=solicit\n'}UseDomains=yes
`
}

/** systemd-networkd: Ubuntu's servers and most cloud images. Asks without waiting for a router. */
export const networkd6 = networkdWith('networkd', false)

/** As it is without being told otherwise: it asks once a router has told it that there is DHCPv6. */
export const networkd6ByRouter = networkdWith('networkd by its router', true)

function networkdWith(name: string, byRouter: boolean): DhcpClient6 {
  return {
    name,
    async start({ guest, link }) {
      const [self] = await guest.ipJson<{ ifindex: number }>('link', 'show', 'dev', link)
      const linkFile = join(guest.dir, 'run/systemd/netif/links', String(self?.ifindex))
      const folder = guest.lab.folder('guests', guest.netns, 'run/systemd/network')
      writeFileSync(join(folder, `${link}.network`), networkOf(link, byRouter))
      rmSync(linkFile, { force: true })
      const client = await startInMachine(guest, `networkd6-${link}`, ['sh', '-c', NETWORKD])
      const addresses = async () =>
        (await guest.run('ip', ['-6', '-o', 'addr', 'show', 'dev', link])).split('\n')
      let held: string | undefined
      const watching = setInterval(() => {
        void addresses().then(
          lines => {
            held = lines.map(line => /inet6 ([0-9a-f:]+)\/128 scope global/.exec(line)?.[1]).find(Boolean)
          },
          () => undefined,
        )
      }, 200)
      return {
        lease: () => {
          const told = existsSync(linkFile) ? parseEnvironment(readFileSync(linkFile, 'utf8')) : undefined
          return told?.ADMIN_STATE !== 'configured' || held === undefined
            ? undefined
            : { address: held, dns: words(told.DNS), search: words(told.DOMAINS) }
        },
        stop: async () => {
          clearInterval(watching)
          await client.stop()
        },
      }
    },
  }
}
