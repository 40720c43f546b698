import { renderTable } from '../advertiser/table.ts'
import { renderConfig } from '../bird/config.ts'
import { renderFiles } from '../bird/files.ts'
import type { BirdPaths } from '../bird/paths.ts'
import { awaitsAdvertiser } from '../core/advertising/diff.ts'
import { bothOf } from '../core/announcing/byGuest.ts'
import type { BirdTarget } from '../core/announcing/target.ts'
import type { AnnounceIntent } from '../core/announcing/wanted.ts'
import { type Change, describeChange } from '../core/change.ts'
import { awaiting, awaitsSuccessor } from '../core/dhcp/placement.ts'
import { familyOfServer } from '../core/dhcp/serverId.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import { diff } from '../core/diff.ts'
import type { Guest } from '../core/guest/guest.ts'
import { vmidsWithPort } from '../core/guest/links.ts'
import { type Intent, intend } from '../core/intent.ts'
import { usedHere } from '../core/inUse.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Observation } from '../core/observation.ts'
import type { Problem, ProblemCode } from '../core/problem/problem.ts'
import type { Reading } from '../core/reading.ts'
import { reportAdvertising } from '../core/report/advertising.ts'
import { type AnnouncingReport, reportAnnouncing } from '../core/report/announcing.ts'
import { reportGuard } from '../core/report/guarding.ts'
import { report } from '../core/report/report.ts'
import { forwardedFamilies } from '../core/routing/forwarding.ts'
import type { Target } from '../core/target.ts'
import { memoOf } from '../core/values/memo.ts'
import { configOf } from '../kea/configs.ts'
import { type Applied, apply } from './apply.ts'
import type { Drivers } from './drivers.ts'
import { interestOf, LEFTOVERS, observe } from './observe.ts'
import type { CycleResult } from './result.ts'
import type { Sighting } from './sightings.ts'

/** Who reads what the cluster and the policy say, and remembers what was seen. */
export interface ReadsCluster {
  /** `mayDiffer`: whether guests' files may be others though the cluster's list of them is the same. */
  read(mayDiffer: boolean): Promise<Reading>
  note(sighting: Sighting): void
  save(): void
}

export interface CycleParts {
  readonly settings: Settings
  readonly reader: ReadsCluster
  readonly drivers: Drivers
}

export interface CycleOptions {
  readonly mode: 'plan' | 'apply'
  /** Whether to look for what a former policy left where nothing is announced. */
  readonly leftovers: boolean
  /** Whether Keas and the advertiser come up in the background, and spare Keas for edits to come: another run follows, which makes use of them. */
  readonly inBackground?: boolean
  /** Whether guests' files may be others though the cluster's list of them is the same: something rang for that. Default true. */
  readonly mayDiffer?: boolean
  /** Told what there is before anything is done about it. */
  readonly onSeen?: (seen: Pick<CycleResult, 'reading' | 'observation'>) => void
}

/** read → observe → intend → diff → apply → report. */
export async function cycle(
  { settings, reader, drivers }: CycleParts,
  { mode, leftovers, inBackground = false, mayDiffer = true, onSeen }: CycleOptions,
): Promise<CycleResult> {
  const reading = await reader.read(mayDiffer)
  const observation = await observe(drivers, {
    announcing: interestOf(reading) ?? (leftovers ? LEFTOVERS : undefined),
    isGuarded: reading.policy.guard.mode !== 'off',
  })
  onSeen?.({ reading, observation })
  const intent = intend(reading, observation)
  const target = targetOf(intent, reading, drivers.daemon.paths, inBackground)
  const changes = changesOf(target, reading, observation, settings)
  const failures = startProblems(target, observation)
  const applied = mode === 'apply' ? await apply(drivers, changes, { target, before: observation }) : []
  if (mode === 'apply') {
    reader.save()
    reader.note(sightingOf(reading, observation, intent))
  }
  return {
    report: report({
      settings,
      policy: reading.policySource,
      complete: reading.complete,
      intent: intent.dhcp,
      names: namesOf(reading.guests),
      observation,
      done: applied,
      guard: reportGuard(intent.guard, observation.guard.table, openOf(changes, applied)),
      advertising: reportAdvertising(intent.advertisements, observation, applied),
      announcing: announcingReport(intent.announcing, reading, observation, openOf(changes, applied)),
      problems: [...reading.problems, ...intent.problems, ...applied.flatMap(problemOf), ...failures],
      time: Date.now(),
    }),
    reading,
    observation,
    intent,
    target,
    changes,
    applied,
    provisional:
      reading.provisional ||
      intent.ruling.open.length > 0 ||
      intent.ruling.waits ||
      failures.length > 0 ||
      applied.some(({ change, failure }) => failure !== undefined || change.kind === 'holder-record'),
    awaitsDaemon:
      awaitsSuccessor(target.dhcp, observation) ||
      awaitsAdvertiser(target.advertising, observation.advertising),
  }
}

/** What guests are called. */
const namesOf = memoOf(
  (guests: readonly Guest[]) =>
    new Map<number, string>(guests.flatMap(({ vmid, name }) => (name === undefined ? [] : [[vmid, name]]))),
)

/** What decides later who keeps what he had. */
function sightingOf({ running, quorate }: Reading, observation: Observation, { ruling }: Intent): Sighting {
  return {
    running: [...(running ?? []), ...vmidsWithPort(observation.links)],
    inUse: usedHere(observation),
    quorate,
    open: ruling.open.map(({ place }) => place),
    records: observation.holders,
  }
}

/** What should be, with the daemons' configurations written out. */
export function targetOf(
  { dhcp, advertisements, guard, announcing, ruling }: Intent,
  reading: Reading,
  paths: BirdPaths,
  inBackground = false,
): Target {
  const configs = new Map(
    [...dhcp.servers].map(([server, offers]) => [server, configOf(server, offers, reading.policy.dhcp)]),
  )
  return {
    holders: ruling.changes,
    guard,
    dhcp: { ...dhcp, configs, inBackground, complete: reading.complete },
    advertising: { advertisements, table: renderTable(advertisements), inBackground },
    ...(announcing && { announcing: { ...announcing, bird: birdTarget(announcing, paths) } }),
  }
}

function birdTarget({ bird }: AnnounceIntent, paths: BirdPaths): BirdTarget | undefined {
  if (!bird) return undefined
  const { settings, announcements, standby } = bird
  return {
    config: renderConfig(settings, paths),
    announcements,
    standby,
    files: () => renderFiles(settings, bothOf(announcements, standby), paths),
  }
}

function changesOf(
  target: Target,
  { policySource }: Reading,
  observation: Observation,
  { name }: Settings,
): Change[] {
  // Without any valid policy nothing is known to be wanted.
  if (policySource === 'none') return []
  return diff(target, observation, slot => slotNames(name, slot).link)
}

/** What is not as it should be: what was not tried, or failed. */
function openOf(changes: readonly Change[], applied: readonly Applied[]): Change[] {
  const done = new Set(applied.flatMap(({ change, failure }) => (failure === undefined ? [change] : [])))
  return changes.filter(change => !done.has(change))
}

function announcingReport(
  intent: AnnounceIntent | undefined,
  { policy, drained }: Reading,
  { announcing: observed }: Observation,
  open: readonly Change[],
): AnnouncingReport | undefined {
  if (!intent || !observed || !policy.announce) return undefined
  const forwarded = forwardedFamilies(policy.announce.networks)
  return reportAnnouncing({ intent, observed, open, drained, forwarded })
}

/** What did not come up in the background, and is waited for. */
function startProblems({ dhcp, advertising }: Target, observation: Observation): Problem[] {
  const { startFailures, advertising: seen } = observation
  const families = new Set(awaiting(dhcp, observation).map(familyOfServer))
  const ofKeas = [...(startFailures ?? [])].flatMap(([family, failure]) =>
    families.has(family) ? [couldNot('kea-failed', failure.what, failure.why)] : [],
  )
  const { startFailure } = seen
  if (!startFailure || advertising.advertisements.length === 0 || seen.advertiser.state === 'answering')
    return ofKeas
  return [...ofKeas, couldNot('advertiser-failed', startFailure.what, startFailure.why)]
}

function problemOf({ change, failure }: Applied): Problem[] {
  if (failure === undefined) return []
  const code = CODES[change.kind] ?? 'change-failed'
  return [couldNot(code, describeChange(change), failure)]
}

function couldNot(code: ProblemCode, what: string, why: string): Problem {
  const remedy = 'It is tried again by itself; if it persists, run guestnet doctor.'
  return { code, message: `Could not ${what}: ${why}.`, remedy }
}

const CODES: Partial<Record<Change['kind'], ProblemCode>> = {
  'server-start': 'kea-failed',
  'advertiser-start': 'advertiser-failed',
  'advertiser-tell': 'advertiser-failed',
  'bird-start': 'bird-failed',
  'bird-configure': 'bird-failed',
  announce: 'bird-failed',
  'standby-set': 'bird-failed',
  'standby-remove': 'bird-failed',
  withdraw: 'bird-failed',
}
