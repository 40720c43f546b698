import { createHash } from 'node:crypto'
import type { Prefix } from '../core/values/address.ts'
import { memoOfText } from '../core/values/memo.ts'

/** Stable numbers for prefixes, so that a lease keeps its subnet when others come and go. Kea takes 1 to 2^32 - 2. */
export function subnetIds(prefixes: readonly Prefix[]): Map<Prefix, number> {
  const ids = new Map<Prefix, number>()
  const taken = new Set<number>()
  for (const prefix of prefixes) {
    let id = preferredId(prefix)
    while (taken.has(id)) id = (id % 4_294_967_293) + 1
    taken.add(id)
    ids.set(prefix, id)
  }
  return ids
}

/** What a prefix has unless another one has it already. The last number is the probe's. */
const preferredId = memoOfText(
  (prefix: Prefix) => (createHash('sha256').update(prefix).digest().readUInt32BE(0) % 4_294_967_293) + 1,
)
