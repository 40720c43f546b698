import { type Guest, staticAddresses } from '../guest/guest.ts'

/** Whether a guest of this node wants an address that a guest elsewhere wants too, whatever the network. */
export function isContested(guests: readonly Guest[], node: string): boolean {
  const here = new Set(guests.filter(guest => guest.node === node).flatMap(addressesOf))
  return guests.some(guest => guest.node !== node && addressesOf(guest).some(address => here.has(address)))
}

function addressesOf(guest: Guest): string[] {
  if (guest.template) return []
  return guest.nics.flatMap(({ addressing }) => staticAddresses(addressing))
}
