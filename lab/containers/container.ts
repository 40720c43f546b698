import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import type { Outcome } from '../process.ts'

/** guestnet in a container on a simulated node. */
export interface LabContainer {
  /** Whether its end is an orderly one for BIRD, which then withdraws what it has announced. */
  readonly withdraws: boolean
  /** Starts it, or starts it again. `anew`: another one takes its place, which has the same volume and nothing else. */
  start(options?: { readonly anew?: boolean }): Promise<void>
  /** Asks its first process to end; whatever else is in it dies with that. */
  stop(): Promise<void>
  /** Runs a verb of guestnet in the running container. */
  exec(...words: readonly string[]): Promise<Outcome>
  /** Runs a verb in a container that is there for this only, and has the same volume. */
  once(...words: readonly string[]): Promise<Outcome>
  /** Whether the container is well, as its image asks for it. */
  isHealthy(): Promise<boolean>
}

/** What compose.yml grants. */
export interface Grants {
  /** As capabilities(7) has them, without `CAP_`. */
  readonly capabilities: readonly string[]
  readonly securityOptions: readonly string[]
}

const Compose = z.object({
  services: z.object({
    guestnet: z.object({
      network_mode: z.literal('host'),
      cap_drop: z.tuple([z.literal('ALL')]),
      cap_add: z.array(z.string().regex(/^[A-Z_]+$/)),
      security_opt: z.array(z.string()),
    }),
  }),
})

export function readGrants(file = 'contrib/container/compose.yml'): Grants {
  const { guestnet } = Compose.parse(parse(readFileSync(file, 'utf8'))).services
  return { capabilities: guestnet.cap_add, securityOptions: guestnet.security_opt }
}
