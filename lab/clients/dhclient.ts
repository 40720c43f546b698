import type { DhcpClient } from './client.ts'
import { type Environment, numberIn, words, writeLeaseScript } from './environment.ts'
import { type Lease, lengthOfMask, routesIn } from './lease.ts'
import { startInMachine } from './machine.ts'

/** ISC dhclient with Debian's own script and configuration: Debian until 12, RHEL until 8. */
export const dhclient: DhcpClient = {
  name: 'dhclient',
  async start({ guest, link }) {
    const condition = '[ -n "$new_ip_address" ]'
    const script = writeLeaseScript(guest, `dhclient-${link}`, condition, '/sbin/dhclient-script "$@"')
    const client = await startInMachine(guest, `dhclient-${link}`, [
      'dhclient',
      '-4',
      '-d',
      '-sf',
      script.path,
      link,
    ])
    return {
      lease: () => leaseFrom(script.environment()),
      stop: () => client.stop(),
    }
  },
}

function leaseFrom(told: Environment | undefined): Lease | undefined {
  if (told?.new_ip_address === undefined) return undefined
  return {
    address: told.new_ip_address,
    prefixLength: lengthOfMask(told.new_subnet_mask ?? '255.255.255.255'),
    routers: words(told.new_routers),
    serverIdentifier: told.new_dhcp_server_identifier,
    dns: words(told.new_domain_name_servers),
    search: words(told.new_domain_search).map(name => name.replace(/\.$/, '')),
    hostname: told.new_host_name,
    mtu: numberIn(told.new_interface_mtu),
    // The option's own octets, in decimal.
    classlessRoutes: routesIn(Buffer.from(words(told.new_rfc3442_classless_static_routes).map(Number))),
    leaseTime: numberIn(told.new_dhcp_lease_time),
  }
}
