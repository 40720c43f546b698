import { type Change, describeChange } from '../core/change.ts'
import { diff } from '../core/diff.ts'
import { intend } from '../core/intent/intent.ts'
import type { Observation } from '../core/observation.ts'
import type { Problem } from '../core/problem.ts'
import { type Report, report } from '../core/report.ts'
import type { Settings } from '../core/settings.ts'
import { slotNames } from '../core/slot.ts'
import { renderConfig } from '../kea/config.ts'
import { hooksFolder } from '../kea/directories.ts'
import { type Applied, apply } from './apply.ts'
import { type Drivers, observe } from './drivers.ts'
import type { Reader, Reading } from './read.ts'

/** What one run of the line came to. */
export interface CycleResult {
  readonly report: Report
  readonly reading: Reading
  readonly observation: Observation
  readonly changes: readonly Change[]
  /** Empty when only planning. */
  readonly applied: readonly Applied[]
  /** Something was unreadable or failed: worth another look soon. */
  readonly provisional: boolean
}

/** read → intend → observe → diff → apply → report. */
export async function cycle(
  { settings, reader, drivers }: { settings: Settings; reader: Reader; drivers: Drivers },
  mode: 'plan' | 'apply',
): Promise<CycleResult> {
  const reading = await reader.read()
  const observation = await observe(drivers)
  const intent = intend(reading.input, observation)
  const configs = new Map(
    [...intent.servers].map(([server, offers]) => [
      server,
      renderConfig(server, offers, reading.policy.dhcp, hooksFolder()),
    ]),
  )
  const isKnown = reading.policySource !== 'none'
  const changes = isKnown
    ? diff({ ...intent, configs }, observation, slot => slotNames(settings.name, slot).link)
    : []
  const applied = mode === 'apply' ? await apply(drivers, changes, observation) : []
  if (mode === 'apply') reader.save()
  const problems = [...reading.problems, ...intent.problems, ...applied.flatMap(problemOf)]
  return {
    report: report({
      settings,
      policy: reading.policySource,
      complete: reading.input.complete,
      intent,
      observation,
      done: applied,
      problems,
      time: Date.now(),
    }),
    reading,
    observation,
    changes,
    applied,
    provisional: reading.provisional || applied.some(({ failure }) => failure !== undefined),
  }
}

function problemOf({ change, failure }: Applied): Problem[] {
  if (failure === undefined) return []
  const code = change.kind === 'server-start' ? 'kea-failed' : 'change-failed'
  const message = `Could not ${describeChange(change)}: ${failure}.`
  return [{ code, message, remedy: 'It is tried again by itself; if it persists, run guestnet doctor.' }]
}
