import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { words, writeLeaseScript } from '../clients/environment.ts'
import { startInMachine } from '../clients/machine.ts'
import type { DhcpClient6 } from './client.ts'

/** Without waiting for a router to tell that there is DHCPv6; a stable-privacy link-local address and a DUID of its own kind. */
const CONFIG = `
option dhcp6_name_servers, dhcp6_domain_search
duid
slaac private
persistent
nodev
noipv6rs
ipv6only
ia_na
`

/** dhcpcd with its own hooks. */
export const dhcpcd6: DhcpClient6 = {
  name: 'dhcpcd',
  async start({ guest, link }) {
    const condition = '[ -n "$new_dhcp6_ia_na1_ia_addr1" ]'
    const hooks = '/usr/lib/dhcpcd/dhcpcd-run-hooks "$@"'
    const script = writeLeaseScript(guest, `dhcpcd6-${link}`, condition, hooks)
    const config = join(guest.dir, `dhcpcd6-${link}.conf`)
    writeFileSync(config, CONFIG)
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
