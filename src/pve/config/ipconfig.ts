import type { Addressing } from '../../core/guest/guest.ts'
import { ADDRESSING, addressingOf } from './addressing.ts'
import { type PropertySchema, readProperties } from './propertyString.ts'
import type { Read } from './read.ts'

/** `ipconfigN` of a VM (qm.conf(5)). */
export const IPCONFIG: PropertySchema = {
  properties: ADDRESSING,
  requires: { gw: 'ip', gw6: 'ip6' },
}

/**
 * Reads a VM's `ipconfigN` as cloud-init is given it. Proxmox keeps a gateway beside `dhcp` in the file, but
 * then uses nothing of the line. No address at all means DHCP for both families.
 */
export function readIpconfig(text: string): Read<Addressing> {
  const properties = readProperties(IPCONFIG, text)
  if ('wrong' in properties) return properties
  const addressing = addressingOf(properties.value)
  const { ip, gw, ip6, gw6 } = addressing
  if (gw !== undefined && ip === 'dhcp') return { wrong: 'gw cannot be given together with ip=dhcp' }
  if (gw6 !== undefined && !ip6?.includes(':')) {
    return { wrong: `gw6 cannot be given together with ip6=${ip6}` }
  }
  return { value: ip === undefined && ip6 === undefined ? { ip: 'dhcp', ip6: 'dhcp' } : addressing }
}
