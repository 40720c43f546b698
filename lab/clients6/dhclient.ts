import { words, writeLeaseScript } from '../clients/environment.ts'
import { startInMachine } from '../clients/machine.ts'
import { linkLocalIsUsable } from '../linkLocal.ts'
import type { DhcpClient6 } from './client.ts'

/** ISC dhclient with Debian's own script, with a DUID of that type: LLT is its own choice. */
export function dhclient6(duid: 'LL' | 'LLT'): DhcpClient6 {
  return {
    name: `dhclient -D ${duid}`,
    async start({ guest, link }) {
      // As Debian's ifupdown does; it ends at once where it cannot bind to the address.
      await linkLocalIsUsable(guest, link)
      const condition = '[ -n "$new_ip6_address" ]'
      const script = writeLeaseScript(guest, `dhclient6-${link}`, condition, '/sbin/dhclient-script "$@"')
      const command = ['dhclient', '-6', '-d', '-D', duid, '-sf', script.path, link]
      const client = await startInMachine(guest, `dhclient6-${link}`, command)
      return {
        lease: () => {
          const told = script.environment()
          return told?.new_ip6_address === undefined
            ? undefined
            : {
                address: told.new_ip6_address,
                dns: words(told.new_dhcp6_name_servers),
                search: words(told.new_dhcp6_domain_search).map(name => name.replace(/\.$/, '')),
              }
        },
        stop: () => client.stop(),
      }
    },
  }
}
