import type { Guest, Nic } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import type { DhcpObservation } from './observation.ts'

/** Whether a guest's link is the one that its answers were sent to at the last look. */
export function isSamePort({ ports }: DhcpObservation, guest: Guest, nic: Nic): boolean {
  return nic.mac !== undefined && ports.elements.get(`ipv4 ${nic.mac}`) === linkNameOf(guest, nic.index)
}
