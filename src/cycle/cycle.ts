import { diffAnnouncing } from '../core/announcing/diff.ts'
import { type Change, describeChange } from '../core/change.ts'
import { diff } from '../core/dhcp/diff.ts'
import { type Intent, intend } from '../core/dhcp/intent.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Observation } from '../core/observation.ts'
import type { Problem, ProblemCode } from '../core/problem/problem.ts'
import { type AnnouncingReport, reportAnnouncing } from '../core/report/announcing.ts'
import { type Report, report } from '../core/report/report.ts'
import { renderConfig } from '../kea/config.ts'
import { hooksFolder } from '../kea/directories.ts'
import { type Announcing, intendAnnouncing, LEFTOVERS, routingInterest } from './announcing.ts'
import type { Applied } from './applied.ts'
import { apply } from './apply.ts'
import { type Drivers, observe, type RoutingInterest } from './drivers.ts'
import type { Reader, Reading } from './read.ts'

/** What one run of the line came to. */
export interface CycleResult {
  readonly report: Report
  readonly reading: Reading
  readonly observation: Observation
  /** What should be announced; absent: unknown, or not looked at. */
  readonly announcing?: Announcing
  readonly changes: readonly Change[]
  /** Empty when only planning. */
  readonly applied: readonly Applied[]
  /** Something was unreadable or failed: worth another look soon. */
  readonly provisional: boolean
}

/** read → observe → intend → diff → apply → report. */
export async function cycle(
  { settings, reader, drivers }: { settings: Settings; reader: Reader; drivers: Drivers },
  mode: 'plan' | 'apply',
  /** What to look at where nothing is announced; `undefined`: nothing can be left. */
  leftovers: RoutingInterest | undefined = LEFTOVERS,
): Promise<CycleResult> {
  const reading = await reader.read()
  const observation = await observe(drivers, routingInterest(reading.policy) ?? leftovers)
  const intent = intend(reading.input, observation)
  const announcing = await intendAnnouncing({ settings, drivers }, reading, observation)
  const changes = changesOf({ settings, reading, observation, intent, announcing })
  const applied = mode === 'apply' ? await apply(drivers, changes, observation, announcing?.files) : []
  if (mode === 'apply') reader.save()
  const problems = [
    ...reading.problems,
    ...intent.problems,
    ...(announcing?.problems ?? []),
    ...applied.flatMap(problemOf),
  ]
  return {
    report: report({
      settings,
      policy: reading.policySource,
      complete: reading.input.complete,
      intent,
      observation,
      done: applied,
      announcing: announcingReport(reading, observation, announcing, openOf(changes, applied)),
      problems,
      time: Date.now(),
    }),
    reading,
    observation,
    ...(announcing && { announcing }),
    changes,
    applied,
    provisional: reading.provisional || applied.some(({ failure }) => failure !== undefined),
  }
}

/** What is not as it should be: what was not tried, or failed. */
function openOf(changes: readonly Change[], applied: readonly Applied[]): Change[] {
  const done = new Set(applied.flatMap(({ change, failure }) => (failure === undefined ? [change] : [])))
  return changes.filter(change => !done.has(change))
}

function announcingReport(
  reading: Reading,
  { announcing: observed }: Observation,
  announcing: Announcing | undefined,
  open: readonly Change[],
): AnnouncingReport | undefined {
  if (!announcing || !observed || !reading.policy.announce) return undefined
  const { intent, files } = announcing
  return reportAnnouncing({
    ...intent,
    hasBird: files !== undefined,
    observed,
    open,
    drained: reading.drained,
  })
}

interface Decided {
  readonly settings: Settings
  readonly reading: Reading
  readonly observation: Observation
  readonly intent: Intent
  readonly announcing: Announcing | undefined
}

function changesOf({ settings, reading, observation, intent, announcing }: Decided): Change[] {
  // Without any valid policy nothing is known to be wanted.
  if (reading.policySource === 'none') return []
  const configs = new Map(
    [...intent.servers].map(([server, offers]) => [
      server,
      renderConfig(server, offers, reading.policy.dhcp, hooksFolder()),
    ]),
  )
  return [
    ...diff({ ...intent, configs }, observation, slot => slotNames(settings.name, slot).link),
    ...(announcing && observation.announcing
      ? diffAnnouncing(announcing.target, observation.announcing)
      : []),
  ]
}

function problemOf({ change, failure }: Applied): Problem[] {
  if (failure === undefined) return []
  const code = CODES[change.kind] ?? 'change-failed'
  const message = `Could not ${describeChange(change)}: ${failure}.`
  return [{ code, message, remedy: 'It is tried again by itself; if it persists, run guestnet doctor.' }]
}

const CODES: Partial<Record<Change['kind'], ProblemCode>> = {
  'server-start': 'kea-failed',
  'bird-start': 'bird-failed',
  'bird-configure': 'bird-failed',
  announce: 'bird-failed',
  withdraw: 'bird-failed',
}
