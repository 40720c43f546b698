import { shown } from '../text/escape.ts'

/**
 * Something the administrator should know, in plain words. The code is stable: each is explained in docs/problems.md,
 * and people search for it.
 */
export interface Problem {
  readonly code: ProblemCode
  /** One sentence: what is wrong, and what follows from it. */
  readonly message: string
  /** What to do about it, as an imperative sentence. */
  readonly remedy?: string
  readonly file?: string
  /** 1-based, in `file`. */
  readonly line?: number
  /** 1-based, in `line`. */
  readonly column?: number
  readonly vmid?: number
  /** Index N of the `netN` concerned. */
  readonly nic?: number
  /** Milliseconds since 1970 from which on it is known to be so. */
  readonly since?: number
}

export const PROBLEM_CODES = [
  // a guest's file, as Proxmox reads it
  'config-line-ignored',
  'config-key-unknown',
  'config-value-invalid',
  'config-section-ignored',
  'config-unreadable',
  'config-missing',
  'guest-failed',
  'more-problems',
  // the block in a guest's Notes
  'notes-invalid',
  // the policy
  'policy-invalid',
  'policy-unreadable',
  'policy-waiting',
  'policy-missing',
  'fast-announcer-invalid',
  'state-unwritable',
  // what was read, as a whole
  'cluster-unreadable',
  // offers
  'address-duplicate',
  'address-contested',
  'mac-duplicate',
  'mac-missing',
  'too-many-servers',
  'address-unusable',
  'searchdomain-unusable',
  'gateway-unreachable',
  'router-unknown',
  'other-dhcp',
  'cicustom-network',
  'nameserver-unusable',
  // announcements
  'announce-duplicate',
  'device-missing',
  'gateway-refused',
  'route-refused',
  'community-refused',
  'table-taken',
  'bird-failed',
  'routing-obstacle',
  // the node
  'loop-failed',
  'change-failed',
  'change-unheard',
  'kea-failed',
  'advertiser-failed',
  'leases-unknown',
  'kea-down',
  'advertiser-down',
  'bird-down',
  'peer-down',
  'peer-missing',
  'forwarding-off',
  'bridge-unknown',
  'clock-ahead',
  // the agent
  'http-unavailable',
  'agent-down',
  'agent-silent',
] as const

export type ProblemCode = (typeof PROBLEM_CODES)[number]

/** `FILE:LINE:COLUMN`, as much of it as is known. */
export function whereOf(problem: Problem): string | undefined {
  if (problem.file === undefined) return undefined
  return [problem.file, problem.line, problem.column].filter(part => part !== undefined).join(':')
}

/** A problem on one line of text: where, what, and what to do. */
export function describeProblem(problem: Problem): string {
  const where = whereOf(problem)
  const head = where === undefined ? '' : `${where}: `
  const remedy = problem.remedy === undefined ? '' : ` ${problem.remedy}`
  return shown(`${head}${problem.message}${remedy} [${problem.code}]`)
}
