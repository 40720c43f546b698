import type { GuardExtra } from '../policy/guard.ts'
import type { Address, Prefix } from '../values/address.ts'
import { addressIn, isHost } from '../values/prefix.ts'

/** The single addresses among those that the policy adds. */
export function hostsIn(extra: GuardExtra | undefined): Address[] {
  return (extra?.addresses ?? []).flatMap(one => {
    if (!one.includes('/')) return [one as Address]
    return isHost(one as Prefix) ? [addressIn(one as Prefix)] : []
  })
}
