import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { words, writeLeaseScript } from '../clients/environment.ts'
import { startInMachine } from '../clients/machine.ts'
import type { DhcpClient6 } from './client.ts'

/** With a stable-privacy link-local address and a DUID of its own kind. */
const CONFIG = `
option dhcp6_name_servers, dhcp6_domain_search
duid
slaac private
persistent
nodev
ipv6only
ia_na
`

/** dhcpcd with its own hooks. */
export const dhcpcd6 = dhcpcdWith('dhcpcd', `${CONFIG}noipv6rs\n`)

/** As it is without being told otherwise: it asks once a router has told it that there is DHCPv6. */
export const dhcpcd6ByRouter = dhcpcdWith('dhcpcd by its router', CONFIG)

function dhcpcdWith(name: string, settings: string): DhcpClient6 {
  return {
    name,
    async start({ guest, link }) {
      const condition = '[ -n "$new_dhcp6_ia_na1_ia_addr1" ]'
      const hooks = '/usr/lib/dhcpcd/dhcpcd-run-hooks "$@"'
      const script = writeLeaseScript(guest, `dhcpcd6-${link}`, condition, hooks)
      const config = join(guest.dir, `dhcpcd6-${link}.conf`)
      writeFileSync(config, settings)
      const command = ['dhcpcd', '-6', '-B', '-f', config, '-c', script.path, link]
      const client = await startInMachine(guest, `dhcpcd6-${link}`, command)
      return {
        lease: () => {
          const told = script.environment()
          return told?.new_dhcp6_ia_na1_ia_addr1 === undefined
            ? undefined
            : {
                address: told.new_dhcp6_ia_na1_ia_addr1,
                dns: words(told.new_dhcp6_name_servers),
                search: words(told.new_dhcp6_domain_search),
              }
        },
        stop: () => client.stop(),
      }
    },
  }
}
