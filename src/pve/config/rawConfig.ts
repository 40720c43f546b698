import type { ProblemCode } from '../../core/problem/problem.ts'
import type { NotesPiece } from './description.ts'

/** What Proxmox drops or takes for invalid, and the line of the file it stands in, 1-based. */
export interface ConfigProblem {
  readonly code: ProblemCode
  readonly line: number
  readonly message: string
  /** Index N of the `netN` or `ipconfigN` concerned. */
  readonly nic?: number
}

/** A value and the line of the file it stands in, 1-based. */
export interface Located<T> {
  readonly value: T
  readonly line: number
}

/**
 * A guest's file after the first of Proxmox's two stages: the values of the live configuration by key, as
 * Proxmox keeps them. Those of snapshots and of changes not applied yet are not among them, but their
 * problems are.
 */
export interface RawConfig {
  readonly values: ReadonlyMap<string, Located<string>>
  /** Of what was changed since the guest was started, what it was then. */
  readonly atStart: ReadonlyMap<string, Located<string>>
  readonly notes: readonly NotesPiece[]
  readonly problems: readonly ConfigProblem[]
}

/** What one line comes to. A container's line may be both: invalid, but kept. */
export interface LineReading {
  readonly key?: string
  readonly value?: string
  readonly notes?: Omit<NotesPiece, 'line'>
  readonly problem?: Omit<ConfigProblem, 'line' | 'nic'>
}

/** The N of `netN` and `ipconfigN`. */
export function nicOf(key: string): number | undefined {
  const index = /^(?:net|ipconfig)([0-9]+)$/.exec(key)?.[1]
  return index === undefined ? undefined : Number(index)
}
