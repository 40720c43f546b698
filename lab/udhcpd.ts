import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Namespace } from './namespace.ts'
import type { LabProcess } from './process.ts'

export interface UdhcpdOptions {
  /** The link to serve; it already has the server's address. */
  readonly link: string
  /** Addresses by MAC. */
  readonly reservations: Readonly<Record<string, string>>
  /** Options as udhcpd.conf writes them: `router 192.0.2.1`, `dns 192.0.2.53`. */
  readonly options: readonly string[]
}

/** Starts BusyBox's DHCP server: some other DHCP service in the network. */
export function startUdhcpd(where: Namespace, { link, reservations, options }: UdhcpdOptions): LabProcess {
  const dir = where.lab.folder('udhcpd', where.netns, link)
  const lines = [
    `interface ${link}`,
    'max_leases 0',
    `lease_file ${join(dir, 'leases')}`,
    `pidfile ${join(dir, 'pid')}`,
    ...options.map(option => `option ${option}`),
    ...Object.entries(reservations).map(([mac, address]) => `static_lease ${mac} ${address}`),
  ]
  const config = join(dir, 'udhcpd.conf')
  writeFileSync(config, `${lines.join('\n')}\n`)
  writeFileSync(join(dir, 'leases'), '')
  return where.spawn(`udhcpd-${link}`, 'busybox', ['udhcpd', '-f', config])
}
