import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DhcpClient } from './client.ts'
import { type Environment, numberIn, routePairs, words, writeLeaseScript } from './environment.ts'
import type { Lease } from './lease.ts'
import { startInMachine } from './machine.ts'

/** Without its wait for other holders of the address (five seconds), and leaving everything in place when it ends. */
const CONFIG = `
option domain_name_servers, domain_name, domain_search, host_name, classless_static_routes, interface_mtu
require dhcp_server_identifier
persistent
noarp
noipv4ll
nodev
`

/** dhcpcd with its own hooks: Raspberry Pi OS, Void, Debian 13's ifupdown. */
export const dhcpcd: DhcpClient = {
  name: 'dhcpcd',
  async start({ guest, link }) {
    const condition = '[ -n "$new_ip_address" ]'
    const script = writeLeaseScript(
      guest,
      `dhcpcd-${link}`,
      condition,
      '/usr/lib/dhcpcd/dhcpcd-run-hooks "$@"',
    )
    const config = join(guest.dir, `dhcpcd-${link}.conf`)
    writeFileSync(config, CONFIG)
    const command = ['dhcpcd', '-4', '-B', '-f', config, '-c', script.path, link]
    const client = await startInMachine(guest, `dhcpcd-${link}`, command)
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
    prefixLength: Number(told.new_subnet_cidr),
    routers: words(told.new_routers),
    serverIdentifier: told.new_dhcp_server_identifier,
    dns: words(told.new_domain_name_servers),
    search: words(told.new_domain_search),
    hostname: told.new_host_name,
    mtu: numberIn(told.new_interface_mtu),
    classlessRoutes: routePairs(told.new_classless_static_routes),
    leaseTime: numberIn(told.new_dhcp_lease_time),
  }
}
