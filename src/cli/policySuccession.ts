import type { Settings } from '../core/node/settings.ts'
import { describeProblem } from '../core/problem/problem.ts'
import type { Succession } from '../core/succession/succession.ts'
import { PolicyFile, type ValidPolicy } from '../cycle/policyFile.ts'
import { NO_FILE } from '../cycle/policyHistory.ts'
import { Reader } from '../cycle/read.ts'

/** A policy, the one in force on this node, and what it means that the one follows the other. */
export interface Followed {
  readonly former: NonNullable<ReturnType<Reader['inForce']>>
  readonly next: ValidPolicy
  readonly succession: Succession
  /** It does not come into force unasked. */
  readonly waits: boolean
}

/** The policy a file holds; the defaults where there is none. Throws, with every mistake, where it is not valid. */
export function policyAt(file: string): ValidPolicy {
  const found = new PolicyFile(file).read(true)
  if (found.kind === 'valid') return found.valid
  const problems = found.kind === 'unusable' ? found.problems : []
  throw new Error([`${file} is not a valid policy`, ...problems.map(describeProblem)].join('\n'))
}

/** Throws where that cannot be told. */
export async function follow(settings: Settings, next: ValidPolicy): Promise<Followed> {
  const reader = new Reader(settings)
  await reader.read()
  const former = reader.inForce()
  if (!former)
    throw new Error('no valid policy was ever in force on this node, so there is nothing to compare with')
  const succession = await reader.succession(next)
  if (!succession)
    throw new Error(`${settings.pveRoot} cannot be read as a whole, so what would change is not known`)
  const isGone = next.digest === NO_FILE && former.digest !== NO_FILE
  return { former, next, succession, waits: isGone || succession.waits !== undefined }
}
