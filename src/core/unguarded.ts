import type { Change } from './change.ts'
import type { GuardTarget } from './guard/target.ts'

/**
 * Whether a change would have DHCP answer at a port that could not be guarded as it should: what the guest sends by the address
 * it is told would be nobody's business, or be dropped. Where nothing is dropped anyway it is told.
 */
export function isUnguarded(change: Change, failed: Iterable<Change>, { mode }: GuardTarget): boolean {
  if (mode !== 'on' || change.kind !== 'port-serve') return false
  return [...failed].some(other => other.kind === 'guard-port' && other.link === change.port.link)
}
