import { DEFAULT_POLICY, type Policy, type PolicyPlace, parsePolicy } from '../core/policy/policy.ts'
import type { Problem } from '../core/problem/problem.ts'
import { type FileText, readText } from '../os/files.ts'
import { HalfWritten } from '../os/halfWritten.ts'
import { digestOf, NO_FILE } from './policyHistory.ts'

/** A policy that can be in force. */
export interface ValidPolicy {
  readonly policy: Policy
  readonly digest: string
  /** As it is written; absent: there is no file, so the defaults hold. */
  readonly text?: string
  /** Where its keys are written. */
  readonly placeOf?: PolicyPlace
}

/** What the policy's file says now. `half`: it seems to be half written, so it says nothing yet. */
export type Found =
  | { readonly kind: 'valid'; readonly valid: ValidPolicy }
  | { readonly kind: 'unusable'; readonly problems: readonly Problem[] }
  | { readonly kind: 'half' }

export const WITHOUT_FILE: ValidPolicy = { policy: DEFAULT_POLICY, digest: NO_FILE }

/** The policy's file as it is now. */
export class PolicyFile {
  readonly #path: string
  #file: FileText | undefined
  readonly #halfWritten = new HalfWritten()
  #found: Found | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** `treeIsThere`: the folder the policy lives in is mounted, so a missing file means that there is none. */
  read(treeIsThere: boolean): Found {
    const file = readText(this.#path)
    if (!file.ok) {
      if (!file.absent || !treeIsThere)
        return { kind: 'unusable', problems: [unreadable(this.#path, file.reason)] }
      this.#file = undefined
      return { kind: 'valid', valid: WITHOUT_FILE }
    }
    if (this.#found && this.#file) {
      if (this.#halfWritten.is(this.#path, file, this.#file)) return { kind: 'half' }
      if (this.#file.text === file.text) return this.#found
    }
    this.#file = file
    this.#found = policyIn(file.text, this.#path)
    return this.#found
  }
}

/** `path` is what its problems name. */
export function policyIn(text: string, path: string): Exclude<Found, { kind: 'half' }> {
  const parsed = parsePolicy(text, path)
  if (!parsed.ok) return { kind: 'unusable', problems: parsed.problems }
  const { policy, placeOf } = parsed
  return { kind: 'valid', valid: { policy, placeOf, text, digest: digestOf(text) } }
}

function unreadable(file: string, reason: string): Problem {
  return {
    code: 'policy-unreadable',
    message: `The policy cannot be read: ${reason}. The last good one stays in force.`,
    file,
  }
}
