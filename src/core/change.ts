import { type AdvertisingChange, DESCRIBE_ADVERTISING } from './advertising/change.ts'
import { type AnnounceChange, DESCRIBE_ANNOUNCING } from './announcing/change.ts'
import { DESCRIBE_DHCP, type DhcpChange } from './dhcp/change.ts'
import { DESCRIBE_GUARD, type GuardChange } from './guard/change.ts'
import { DESCRIBE_HOLDERS, type HolderChange } from './ruling/record.ts'
import { shown } from './text/escape.ts'
import type { Descriptions } from './values/describe.ts'

/** One step from what is to what should be. `describeChange` says each in one sentence. */
export type Change = DhcpChange | AdvertisingChange | GuardChange | AnnounceChange | HolderChange

const DESCRIBE: Descriptions<Change> = {
  ...DESCRIBE_DHCP,
  ...DESCRIBE_ADVERTISING,
  ...DESCRIBE_GUARD,
  ...DESCRIBE_ANNOUNCING,
  ...DESCRIBE_HOLDERS,
}

/** One sentence in plain words. */
export function describeChange(change: Change): string {
  const describe: (change: never) => string = DESCRIBE[change.kind]
  return shown(describe(change as never))
}
