import type { Settings } from '../core/node/settings.ts'
import type { PolicySource } from '../core/policy/policy.ts'
import type { Problem } from '../core/problem/problem.ts'
import { utc } from '../core/text/utc.ts'
import { readAcceptance } from '../pve/acceptance.ts'
import { PolicyFile, policyIn, type ValidPolicy, WITHOUT_FILE } from './policyFile.ts'
import { NO_FILE, type PastPolicy, PolicyHistory } from './policyHistory.ts'

/** The policy in force and where it comes from. */
export interface PolicyReading {
  /** Absent: there is no valid policy, and never was one: nothing may be concluded, so nothing changes. */
  readonly inForce?: PolicyInForceSince
  readonly source: PolicySource
  readonly problems: readonly Problem[]
  /** It is not known yet what is to be in force: worth another look soon. */
  readonly provisional?: true
}

/**
 * Why a policy must not follow the one in force unasked, as a sentence; `undefined`: it may. `unknown`: that cannot be told at
 * the moment.
 */
export type Judge = (former: ValidPolicy, next: ValidPolicy) => string | 'unknown' | undefined

/** Since when, in milliseconds since 1970, and what was accepted then. */
type PolicyInForceSince = ValidPolicy & Pick<PastPolicy, 'since' | 'accepted'>

/**
 * Which policy is in force: that of the file, unless the file is not valid, or takes more away than it may unasked. Then it is the
 * one before, also for an agent that was started meanwhile, until somebody accepts what the file says.
 */
export class PolicyInForce {
  readonly #settings: Pick<Settings, 'config' | 'stateDir' | 'pveRoot'>
  readonly #file: PolicyFile
  readonly #history: PolicyHistory
  #inForce: PolicyInForceSince | undefined
  #isKept = true
  /** What waits, and why: a policy is judged once. */
  #waiting: { readonly digest: string; readonly reading: PolicyReading } | undefined
  #last: PolicyReading | undefined

  constructor(settings: Pick<Settings, 'config' | 'stateDir' | 'pveRoot'>) {
    this.#settings = settings
    this.#file = new PolicyFile(settings.config)
    this.#history = new PolicyHistory(settings)
  }

  /** `treeIsThere`: the folder the policy lives in is mounted, so a missing file means that there is none. */
  read(treeIsThere: boolean, judge: Judge): PolicyReading {
    this.#last = this.#decide(treeIsThere, judge)
    return this.#last
  }

  /** What `read` said last, without looking at the file. */
  last(): PolicyReading {
    return this.#last ?? this.#fallBack('last-good', [])
  }

  /** What is in force, and since when. */
  current(): PolicyInForceSince | undefined {
    this.#inForce ??= this.#kept()
    return this.#inForce
  }

  /** Keeps the policy in force for an agent that starts later. Does nothing where that is not possible. */
  save(): void {
    if (this.#isKept || !this.#inForce) return
    try {
      this.#history.add(this.#inForce)
      this.#isKept = true
    } catch {
      // A full or read-only state directory costs the memory of this policy, nothing else.
    }
  }

  #decide(treeIsThere: boolean, judge: Judge): PolicyReading {
    const found = this.#file.read(treeIsThere)
    const former = this.current()
    if (found.kind === 'half') return { ...this.last(), provisional: true }
    if (found.kind === 'unusable') return this.#fallBack('last-good', found.problems)
    const { valid: next } = found
    if (!former || former.digest === next.digest || this.#isAccepted(next, former)) return this.#adopt(next)
    if (this.#waiting?.digest === next.digest) return this.#waiting.reading
    const why = next.digest === NO_FILE ? '' : judge(former, next)
    if (why === 'unknown') return { ...this.#fallBack('waiting', []), provisional: true }
    if (why === undefined) return this.#adopt(next)
    const problem = why === '' ? this.#gone(former) : this.#waits(why, former)
    this.#waiting = { digest: next.digest, reading: this.#fallBack('waiting', [problem]) }
    return this.#waiting.reading
  }

  #adopt(next: ValidPolicy): PolicyReading {
    this.#waiting = undefined
    const former = this.#inForce
    if (former?.digest === next.digest) {
      const { since, accepted } = former
      this.#inForce = { ...next, since, ...(accepted && { accepted }) }
    } else {
      // A clock that was set back must not put it before the one that it follows.
      const since = Math.max(Date.now(), (former?.since ?? 0) + 1)
      this.#inForce = { ...next, since, accepted: readAcceptance(this.#settings.pveRoot) ?? 'nothing' }
      this.#isKept = false
    }
    const source = next.digest === NO_FILE ? 'default' : 'file'
    return { inForce: this.#inForce, source, problems: [] }
  }

  #fallBack(source: 'last-good' | 'waiting', problems: readonly Problem[]): PolicyReading {
    const former = this.current()
    return former ? { inForce: former, source, problems } : { source: 'none', problems }
  }

  /**
   * Accepted was what had to be accepted then: not what comes again after another policy was in force. Which came first is
   * told by what there was when that came into force, as no two nodes' clocks are the same.
   */
  #isAccepted({ digest }: ValidPolicy, { since, accepted }: PolicyInForceSince): boolean {
    const acceptance = readAcceptance(this.#settings.pveRoot)
    if (acceptance?.digest !== digest) return false
    if (accepted === undefined) return acceptance.time > since
    return accepted === 'nothing' || accepted.digest !== digest || accepted.time !== acceptance.time
  }

  #kept(): PolicyInForceSince | undefined {
    const past = this.#history.newest()
    if (!past) return undefined
    const when = { since: past.since, ...(past.accepted && { accepted: past.accepted }) }
    if (past.text === undefined) return { ...WITHOUT_FILE, ...when }
    const parsed = policyIn(past.text, past.path ?? this.#settings.config)
    return parsed.kind === 'valid' ? { ...parsed.valid, ...when } : undefined
  }

  #gone({ since }: PolicyInForceSince): Problem {
    return {
      code: 'policy-missing',
      message: `The policy file is gone; what it said since ${utc(since)} stays in force on this node until that is accepted.`,
      remedy:
        'Put it back with "guestnet policy rollback"; if nothing but the defaults shall hold, run "guestnet policy accept".',
      file: this.#settings.config,
    }
  }

  #waits(why: string, { since }: PolicyInForceSince): Problem {
    return {
      code: 'policy-waiting',
      message: `The policy file waits to be accepted, because ${why}; until then the policy of ${utc(since)} stays in force on this node.`,
      remedy:
        'Look at "guestnet policy diff"; then run "guestnet policy accept", which counts for all nodes, or "guestnet policy rollback".',
      file: this.#settings.config,
    }
  }
}
