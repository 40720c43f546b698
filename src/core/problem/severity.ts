import type { Problem, ProblemCode } from './problem.ts'

/**
 * `critical`: something does not work that is meant to, for guests or for whoever changes something. `warning`: somebody
 * should look at it, and what is served or announced goes on.
 */
export type Severity = 'critical' | 'warning'

/** The worst first: the order in which problems are shown. */
export const SEVERITY = {
  // nothing works
  'loop-failed': 'critical',
  'agent-silent': 'critical',
  'agent-down': 'critical',
  'policy-invalid': 'critical',
  'policy-unreadable': 'critical',
  'policy-waiting': 'critical',
  'policy-missing': 'critical',
  'cluster-unreadable': 'critical',
  // all guests of a kind
  'kea-down': 'critical',
  'kea-failed': 'critical',
  'advertiser-down': 'critical',
  'advertiser-failed': 'critical',
  'bird-down': 'critical',
  'bird-failed': 'critical',
  'table-taken': 'critical',
  'peer-down': 'critical',
  'peer-missing': 'critical',
  'forwarding-off': 'critical',
  'device-missing': 'critical',
  'change-failed': 'critical',
  // one guest
  'address-duplicate': 'critical',
  'too-many-servers': 'critical',
  'guest-failed': 'critical',
  'mac-duplicate': 'critical',
  'announce-duplicate': 'critical',
  'routing-obstacle': 'critical',
  'mac-missing': 'critical',
  'address-unusable': 'critical',
  'config-missing': 'critical',
  'config-unreadable': 'critical',
  // as it is meant, but for something
  'address-contested': 'warning',
  'bridge-unknown': 'warning',
  'clock-ahead': 'warning',
  'leases-unknown': 'warning',
  'state-unwritable': 'warning',
  'http-unavailable': 'warning',
  'change-unheard': 'warning',
  'fast-announcer-invalid': 'warning',
  'other-dhcp': 'warning',
  'gateway-refused': 'warning',
  'route-refused': 'warning',
  'router-unknown': 'warning',
  'community-refused': 'warning',
  'gateway-unreachable': 'warning',
  'cicustom-network': 'warning',
  'nameserver-unusable': 'warning',
  'searchdomain-unusable': 'warning',
  'notes-invalid': 'warning',
  'more-problems': 'warning',
  'config-value-invalid': 'warning',
  'config-key-unknown': 'warning',
  'config-line-ignored': 'warning',
  'config-section-ignored': 'warning',
} as const satisfies Record<ProblemCode, Severity>

const RANK = new Map(Object.keys(SEVERITY).map((code, rank) => [code, rank]))

/** The worst first; those of one code stay in their order. */
export function worstFirst<P extends Pick<Problem, 'code'>>(problems: readonly P[]): P[] {
  return problems.toSorted((a, b) => (RANK.get(a.code) ?? 0) - (RANK.get(b.code) ?? 0))
}

export function isCritical({ code }: Pick<Problem, 'code'>): boolean {
  return SEVERITY[code] === 'critical'
}
