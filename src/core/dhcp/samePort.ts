import type { Guest, Nic } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import { FAMILIES } from '../values/family.ts'
import { type DhcpObservation, elementKeyOf } from './observation.ts'

/** Whether a guest's link is the one that its answers were sent to at the last look. */
export function isSamePort({ ports }: DhcpObservation, guest: Guest, nic: Nic): boolean {
  const { mac } = nic
  if (mac === undefined) return false
  return FAMILIES.some(
    family => ports.elements.get(elementKeyOf({ family, mac })) === linkNameOf(guest, nic.index),
  )
}
