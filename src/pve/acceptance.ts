import { join } from 'node:path'
import * as z from 'zod'
import { readText, writeAtomically } from '../os/files.ts'

/** That an administrator accepts a policy for the whole cluster, whatever it takes away. */
export interface Acceptance {
  /** Of the policy that is accepted. */
  readonly digest: string
  /** Milliseconds since 1970. */
  readonly time: number
}

const Written = z.object({ version: z.literal(1), digest: z.string(), time: z.number() })

/** Beside the records of holders; replicated to every node. The newest one counts. */
export function acceptancePath(pveRoot: string): string {
  return join(pveRoot, 'guestnet', 'accepted-policy')
}

/** `undefined`: there is none, or none that can be read. */
export function readAcceptance(pveRoot: string): Acceptance | undefined {
  const file = readText(acceptancePath(pveRoot))
  if (!file.ok) return undefined
  try {
    return Written.parse(JSON.parse(file.text))
  } catch {
    // Nobody has accepted what cannot be read.
    return undefined
  }
}

/** Throws where the cluster cannot be written. */
export function writeAcceptance(pveRoot: string, acceptance: Acceptance): void {
  writeAtomically(acceptancePath(pveRoot), `${JSON.stringify({ version: 1, ...acceptance })}\n`)
}
