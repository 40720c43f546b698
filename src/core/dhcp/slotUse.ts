import type { Building, Kea, KeaProcess, Slot } from './observation.ts'

/** Whether a Kea can be relied on. */
export function isWell(kea: Kea | undefined): kea is KeaProcess {
  return kea?.state === 'answering' && !kea.ending
}

/** Whether a Kea is being ended on purpose: it is nobody's server any more. */
export function isEnding(kea: Kea): boolean {
  return kea.state !== 'dead' && kea.ending
}

/** Whether no other Kea can be started in a slot. */
export function isTaken({ kea, network, starting }: Slot): boolean {
  return kea !== undefined || network === 'foreign' || starting !== undefined
}

/** A slot with a Kea that was started beforehand and can be told what to serve. */
export type SpareSlot = Slot & { readonly kea: KeaProcess }

export function isSpare(slot: Slot): slot is SpareSlot {
  return slot.network === 'ready' && isWell(slot.kea) && slot.kea.spareFor !== undefined
}

export function lowestFree(taken: ReadonlySet<number>): number {
  let slot = 1
  while (taken.has(slot)) slot++
  return slot
}

/** What has to be done about a slot before a Kea starts there; nothing where it is ready. */
export function buildingOf(network: Slot['network'] | undefined): { readonly builds?: Building } {
  if (network === 'ready') return {}
  return { builds: network === 'broken' ? 'rebuild' : 'build' }
}
