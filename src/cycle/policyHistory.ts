import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Settings } from '../core/node/settings.ts'
import { readText, writeAtomically } from '../os/files.ts'
import type { Acceptance } from '../pve/acceptance.ts'

/** A policy that was in force on this node. */
export interface PastPolicy {
  readonly digest: string
  /** Milliseconds since 1970 from which on it was. */
  readonly since: number
  /** As its file was; absent: there was no file. */
  readonly text?: string
  /** Where it is kept; absent: not kept yet. */
  readonly path?: string
  /** What the cluster had accepted when it came into force, whatever that was; absent: not known. */
  readonly accepted?: Acceptance | 'nothing'
}

/** What the cluster had accepted when the newest policy came into force. */
const Accepted = z.object({
  version: z.literal(1),
  /** Of that policy. */
  since: z.number(),
  accepted: z.union([z.literal('nothing'), z.object({ digest: z.string(), time: z.number() })]),
})

/** How many are kept. */
const MOST = 20

/** What stands for the digest of no file. */
export const NO_FILE = 'no-file'

/** Of a policy's text, as people can read it out to one another. */
export function digestOf(text: string | undefined): string {
  return text === undefined ? NO_FILE : createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Which policies were in force on this node, one file each, as they were written; passwords included. */
export class PolicyHistory {
  readonly #folder: string

  constructor({ stateDir }: Pick<Settings, 'stateDir'>) {
    this.#folder = join(stateDir, 'policies')
  }

  /** The newest first. */
  read(): PastPolicy[] {
    return namesIn(this.#folder).flatMap(name => this.#readOne(name))
  }

  /** The one that came into force last. */
  newest(): PastPolicy | undefined {
    for (const name of namesIn(this.#folder)) {
      const [past] = this.#readOne(name)
      const accepted = past && this.#readAccepted(past.since)
      if (past) return { ...past, ...(accepted && { accepted }) }
    }
    return undefined
  }

  /** Throws where the state directory cannot be written. */
  add({ since, digest, text = '', accepted }: PastPolicy): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    if (accepted)
      writeAtomically(this.#accepted, `${JSON.stringify({ version: 1, since, accepted })}\n`, 0o600)
    writeAtomically(join(this.#folder, nameOf(since, digest)), text, 0o600)
    for (const name of namesIn(this.#folder).slice(MOST)) rmSync(join(this.#folder, name), { force: true })
  }

  /** Of the policy that came into force then; `undefined`: a former version of guestnet did not keep it. */
  #readAccepted(since: number): PastPolicy['accepted'] {
    const file = readText(this.#accepted)
    if (!file.ok) return undefined
    try {
      const told = Accepted.parse(JSON.parse(file.text))
      return told.since === since ? told.accepted : undefined
    } catch {
      return undefined
    }
  }

  get #accepted(): string {
    return join(this.#folder, 'accepted.json')
  }

  #readOne(name: string): PastPolicy[] {
    const [, time = '', digest = ''] = NAME.exec(name) ?? []
    const path = join(this.#folder, name)
    const file = readText(path)
    const since = Date.parse(time.replace(/T(..)(..)(..)/, 'T$1:$2:$3'))
    if (!file.ok || Number.isNaN(since)) return []
    if (digest === NO_FILE) return [{ digest, since, path }]
    // One that was changed by hand was never in force.
    return digest === digestOf(file.text) ? [{ digest, since, text: file.text, path }] : []
  }
}

/** `2026-11-27T121917.123Z-0123456789abcdef.yaml`: in the order in which they were in force. */
const NAME = /^(\d{4}-\d{2}-\d{2}T\d{6}\.\d{3}Z)-([0-9a-f]{16}|no-file)\.yaml$/

function nameOf(since: number, digest: string): string {
  return `${new Date(since).toISOString().replaceAll(':', '')}-${digest}.yaml`
}

/** The newest first. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(name => NAME.test(name))
      .toSorted()
      .toReversed()
  } catch {
    // It appears with the first policy.
    return []
  }
}
