import { intend } from '../src/core/intent.ts'
import type { Observation } from '../src/core/observation.ts'
import type { Reading } from '../src/core/reading.ts'
import type { FoundRecord } from '../src/core/ruling/record.ts'

/** What is seen once every node has written down who holds what several guests want. */
export function onceSettled(reading: Reading, seen: Observation): Observation {
  const { changes, open } = intend(reading, seen).ruling
  const holders = new Map<string, FoundRecord>(seen.holders)
  for (const { place, vmid, nic } of open) holders.set(place, { vmid, nic, node: 'pve2', since: 0 })
  for (const change of changes) {
    if (change.kind === 'holder-record') holders.set(change.place, change.record)
    else holders.delete(change.place)
  }
  return changes.length + open.length === 0 ? seen : onceSettled(reading, { ...seen, holders })
}
