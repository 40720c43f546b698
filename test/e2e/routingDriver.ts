import { readFileSync } from 'node:fs'
import { describeChange } from '../../src/core/change.ts'
import { diffRouting } from '../../src/core/routing/diff.ts'
import type { ObservedRouting } from '../../src/core/routing/observation.ts'
import type { Routing } from '../../src/core/routing/routing.ts'
import { applyRouting } from '../../src/iproute2/routingApply.ts'
import { observeRouting } from '../../src/iproute2/routingObserve.ts'

/** What the program below is asked, by a file. */
export interface Request {
  readonly wanted: Routing
  /** How often to look and to carry out what differs. */
  readonly rounds: number
}

/** What a round saw and did. */
export interface Round {
  readonly observed: ObservedRouting
  readonly changes: readonly string[]
  readonly failures: readonly string[]
  readonly observeMs: number
  readonly diffMs: number
  readonly applyMs: number
}

async function round(wanted: Routing): Promise<Round> {
  const start = performance.now()
  const observed = await observeRouting(
    [wanted.table],
    wanted.gateways.map(({ device }) => device),
  )
  const seen = performance.now()
  const changes = diffRouting(wanted, observed)
  const decided = performance.now()
  const failures = await applyRouting(changes)
  return {
    observed,
    changes: changes.map(describeChange),
    failures: [...failures.values()],
    observeMs: seen - start,
    diffMs: decided - seen,
    applyMs: performance.now() - decided,
  }
}

// The kernel shows each process its own namespace's settings: this runs inside the simulated node.
const { wanted, rounds }: Request = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))
const done: Round[] = []
for (let number = 0; number < rounds; number++) done.push(await round(wanted))
console.log(JSON.stringify(done))
