import type { Problem, ProblemCode } from './problem.ts'

/** A line of a file; the file alone where the line is not known. */
export interface Where {
  readonly file: string
  /** 1-based. */
  readonly line?: number
}

/**
 * Why a NIC is not offered, or an address is not announced: made where that is decided, and kept as it is through the
 * report. Nobody guesses it again.
 */
export interface Refusal {
  readonly code: RefusalCode
  /** What is the matter, as the end of a sentence that begins with "not offered:" or "not announced:". */
  readonly message: string
  /** What to do about it, as an imperative sentence. */
  readonly remedy: string
  /** The line that caused it. */
  readonly where?: Where
}

/** The code of a refusal, and the problem it is reported as; `null`: somebody meant it so, or it passes by itself. */
const REFUSALS = {
  // the guest
  template: null,
  'belongs-elsewhere': null,
  'no-bridge': null,
  'no-mac': 'mac-missing',
  'address-unusable': 'address-unusable',
  // who decided so
  'dhcp-disabled': null,
  'excluded-by-policy': null,
  'notes-off': null,
  'not-in-networks': null,
  'prefix-outside': null,
  drained: null,
  // the network
  'sdn-has-dhcp': 'other-dhcp',
  'bridge-missing': null,
  // Told once for the network, and once for the node.
  'device-missing': null,
  'table-taken': null,
  // the port
  'port-missing': null,
  'port-down': null,
  'link-down': null,
  'bridge-mismatch': null,
  'locked-for-backup': null,
  // somebody else
  'held-by-another': 'address-duplicate',
  'reserved-for-another': 'address-duplicate',
  'no-quorum': 'address-duplicate',
  // It passes within seconds.
  'not-settled': null,
  'mac-held-by-another': 'mac-duplicate',
  // what one may cause
  'too-many-servers': 'too-many-servers',
  'announced-for-another': 'announce-duplicate',
} as const satisfies Record<string, ProblemCode | null>

export type RefusalCode = keyof typeof REFUSALS

export const REFUSAL_CODES = Object.keys(REFUSALS) as RefusalCode[]

/** Somebody decided so on purpose: no reason for anybody to worry. */
const DELIBERATE = new Set<RefusalCode>([
  'template',
  'no-bridge',
  'dhcp-disabled',
  'excluded-by-policy',
  'notes-off',
  'not-in-networks',
  'prefix-outside',
  'drained',
  'link-down',
])

export function isDeliberate({ code }: Refusal): boolean {
  return DELIBERATE.has(code)
}

/** The problem that a refusal is reported as, if it is one. `subject` begins the sentence: `VM 100 net0`. */
export function problemOf(
  refusal: Refusal,
  subject: string,
  about: Pick<Problem, 'vmid' | 'nic'>,
): Problem | undefined {
  const code = REFUSALS[refusal.code]
  if (code === null) return undefined
  return {
    code,
    message: `${subject}: ${refusal.message}.`,
    remedy: refusal.remedy,
    ...refusal.where,
    ...about,
  }
}
