import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../core/node/settings.ts'
import {
  DEFAULT_POLICY,
  type Policy,
  type PolicyPlace,
  type PolicySource,
  parsePolicy,
} from '../core/policy/policy.ts'
import type { Problem } from '../core/problem/problem.ts'
import { type FileText, readText, writeAtomically } from '../os/files.ts'
import { HalfWritten } from '../os/halfWritten.ts'

/** The policy in force and where it comes from. */
export interface PolicyReading {
  /** Absent: there is no valid policy, and never was one: nothing may be concluded, so nothing changes. */
  readonly policy?: Policy
  /** Where its keys are written; absent: in no file. */
  readonly placeOf?: PolicyPlace
  readonly source: PolicySource
  readonly problems: readonly Problem[]
  /** The file seems to be half written: this is what it was before. */
  readonly provisional?: true
}

type InForce = Required<Pick<PolicyReading, 'policy'>> & Pick<PolicyReading, 'placeOf'>

/** The policy file, and the last good one for as long as the file is not valid. */
export class PolicyFile {
  readonly #path: string
  readonly #savedPath: string
  #file: FileText | undefined
  readonly #halfWritten = new HalfWritten()
  #reading: PolicyReading | undefined
  #lastGood: InForce | undefined

  constructor({ config, stateDir }: Pick<Settings, 'config' | 'stateDir'>) {
    this.#path = config
    this.#savedPath = join(stateDir, 'policy.yaml')
  }

  /** `treeIsThere`: the folder the policy lives in is mounted, so a missing file means that there is none. */
  read(treeIsThere: boolean): PolicyReading {
    const file = readText(this.#path)
    if (!file.ok)
      return file.absent && treeIsThere
        ? this.#withoutFile()
        : this.#fallBack([this.#unreadable(file.reason)])
    if (this.#reading && this.#file) {
      if (this.#halfWritten.is(this.#path, file, this.#file)) return { ...this.#reading, provisional: true }
      if (this.#file.text === file.text) return this.#reading
    }
    this.#file = file
    this.#reading = this.#readText(file.text)
    return this.#reading
  }

  /** The policy in force, without looking at the file. */
  last(): PolicyReading {
    return this.#reading ?? this.#fallBack([])
  }

  /** Keeps the policy in force for a start that finds an invalid one. Does nothing where that is not possible. */
  save(): void {
    // A policy that was removed must not come back with the next mistake.
    if (this.#reading?.source === 'default') rmSync(this.#savedPath, { force: true })
    if (this.#reading?.source !== 'file' || !this.#file) return
    const saved = readText(this.#savedPath)
    if (saved.ok && saved.text === this.#file.text) return
    try {
      writeAtomically(this.#savedPath, this.#file.text)
    } catch {
      // A full or read-only state directory costs the memory of this policy, nothing else.
    }
  }

  #withoutFile(): PolicyReading {
    this.#file = undefined
    this.#lastGood = { policy: DEFAULT_POLICY }
    this.#reading = { policy: DEFAULT_POLICY, source: 'default', problems: [] }
    return this.#reading
  }

  #readText(text: string): PolicyReading {
    const parsed = parsePolicy(text, this.#path)
    if (!parsed.ok) return this.#fallBack(parsed.problems)
    const { policy, placeOf } = parsed
    this.#lastGood = { policy, placeOf }
    return { policy, placeOf, source: 'file', problems: [] }
  }

  #fallBack(problems: readonly Problem[]): PolicyReading {
    this.#lastGood ??= this.#saved()
    return this.#lastGood
      ? { ...this.#lastGood, source: 'last-good', problems }
      : { source: 'none', problems }
  }

  #saved(): InForce | undefined {
    const saved = readText(this.#savedPath)
    const parsed = saved.ok ? parsePolicy(saved.text, this.#savedPath) : undefined
    return parsed?.ok ? { policy: parsed.policy, placeOf: parsed.placeOf } : undefined
  }

  #unreadable(reason: string): Problem {
    return {
      code: 'policy-unreadable',
      message: `The policy cannot be read: ${reason}. The last good one stays in force.`,
      file: this.#path,
    }
  }
}
