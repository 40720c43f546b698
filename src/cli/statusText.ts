import { type Problem, type ProblemCode, whereOf } from '../core/problem/problem.ts'
import { isCritical, worstFirst } from '../core/problem/severity.ts'
import type { AdvertisingReport } from '../core/report/advertising.ts'
import type { AgentState } from '../core/report/agentHealth.ts'
import type { Report } from '../core/report/report.ts'
import { counted } from '../core/text/counted.ts'
import { groupBy } from '../core/values/collection.ts'
import { describeAnnouncements, describeAnnouncing } from './announcing.ts'
import { describeDuration } from './duration.ts'
import { describeGuard, offences, openPorts } from './guarding.ts'
import { isUnwell, nicLines } from './nicText.ts'
import { inColumns } from './table.ts'
import type { View } from './view.ts'
import { cut, wrap } from './wrap.ts'

/** Rows of guests, and problems of one code, that a summary shows. */
const FEW = { guests: 12, announcements: 8, problems: 3, ofGuard: 6 }

/** A report for people: the verdict first, then problems, the worst first, then the parts and the guests. */
export function describeStatus(report: Report, agent: AgentState, view: View): string {
  const { what, width } = view
  if (what === 'problems') return [verdict(report, view), ...problemLines(report.problems, view)].join('\n')
  if (typeof what === 'object') return describeGuest(report, what.vmid, view)
  const lines = [
    verdict(report, view),
    ...problemLines(report.problems, view),
    '',
    ...partLines(report, agent).flatMap(([label, text]) => hanging(label, text, width)),
    ...guestLines(report, view),
    ...announcementLines(report, view),
    ...guardLines(report, view),
  ]
  return lines.join('\n')
}

function verdict({ node, problems }: Report, { paint, width }: View): string {
  const [worst] = worstFirst(problems)
  if (worst === undefined) return paint('good', `node ${node}: all is well`)
  const text = cut(`node ${node}: ${counted(problems.length, 'problem')}, the worst is ${worst.code}`, width)
  return paint(isCritical(worst) ? 'bad' : 'doubtful', text)
}

function problemLines(problems: readonly Problem[], view: View): string[] {
  const groups = [...groupBy(worstFirst(problems), ({ code }) => code)]
  return groups.flatMap(([code, group]) => ['', ...groupLines(code, group, view)])
}

/** What the problems of a group are to be done about is told once where it is the same. */
function groupLines(code: ProblemCode, group: readonly Problem[], view: View): string[] {
  const { paint, what } = view
  const shown = what === 'summary' ? group.slice(0, FEW.problems) : group
  const rest = group.length - shown.length
  const isOneRemedy = new Set(group.map(({ remedy }) => remedy)).size === 1
  const head = group.length === 1 ? code : `${code}: ${group.length}`
  return [
    paint(group.some(isCritical) ? 'bad' : 'doubtful', head),
    ...shown.flatMap((problem, index) => [
      ...wrap(sentenceOf(problem, view), view.width, '  '),
      ...(isOneRemedy && index < shown.length - 1 ? [] : remedyLines(problem, view)),
    ]),
    ...(rest > 0 ? [paint('faint', `  and ${rest} more of this kind: guestnet status --problems`)] : []),
  ]
}

function sentenceOf(problem: Problem, { now }: View): string {
  const where = whereOf(problem)
  const since = problem.since === undefined ? '' : ` (for ${describeDuration(now - problem.since)})`
  return `${where === undefined ? '' : `${where}: `}${problem.message}${since}`
}

function remedyLines({ remedy }: Problem, { width }: View): string[] {
  if (remedy === undefined) return []
  return wrap(remedy, width, '    ').map((line, index) => (index === 0 ? `  → ${line.trimStart()}` : line))
}

const LABEL = 10

/** A label, and its text beside it over as many lines as it takes. */
function hanging(label: string, text: string, width: number): string[] {
  const lines = wrap(text, width, ' '.repeat(LABEL))
  return lines.map((line, index) => (index === 0 ? label.padEnd(LABEL) + line.slice(LABEL) : line))
}

function partLines(report: Report, agent: AgentState): [string, string][] {
  const { nics, servers, policy, advertising, guard, announcing } = report
  const offered = nics.filter(({ offer }) => offer).length
  const served = new Set(
    nics.flatMap(({ state, offer }) => (state === 'served' && offer ? [offer.link] : [])),
  ).size
  const keas = servers.map(
    ({ server, pid, state, offers }) =>
      `Kea ${server ?? 'of another version of guestnet'} ${STATE_OF_KEA[state]}${pid === undefined ? '' : `, process ${pid}`}, ${counted(offers, 'reservation')}`,
  )
  return [
    ['agent', AGENT[agent]],
    ['policy', POLICY[policy]],
    [
      'DHCP',
      [
        `${counted(offered, 'address', 'addresses')} offered, ${counted(served, 'guest port')} served`,
        ...keas,
      ].join('; '),
    ],
    ...(advertising ? [['RA', describeAdvertising(advertising)] as [string, string]] : []),
    ...(guard ? [['guard', describeGuard(guard)] as [string, string]] : []),
    ...(announcing ? describeAnnouncing(announcing).map((line): [string, string] => ['BGP', line]) : []),
  ]
}

const STATE_OF_KEA = {
  answering: 'answers',
  starting: 'is being started',
  silent: 'DOES NOT ANSWER',
  dead: 'IS DEAD',
} as const

function describeAdvertising({ nics, advertiser: { state, pid } }: AdvertisingReport): string {
  const process = pid === undefined ? '' : `, process ${pid}`
  return `${counted(nics.length, 'guest port')} told of IPv6 by router advertisements; the advertiser ${STATE_OF_ADVERTISER[state]}${process}`
}

const STATE_OF_ADVERTISER = {
  answering: 'answers',
  starting: 'is being started',
  silent: 'DOES NOT ANSWER',
  absent: 'DOES NOT RUN',
} as const satisfies Record<AdvertisingReport['advertiser']['state'], string>

const LOOK = 'this is what a look at the node shows'

const AGENT = {
  running: 'running',
  'another version': `running, but another version of guestnet (${LOOK}); restart it`,
  silent: `RUNNING, BUT SILENT (${LOOK})`,
  'not running': `NOT RUNNING (${LOOK})`,
} as const satisfies Record<AgentState, string>

const POLICY = {
  file: 'as in the file',
  default: 'none written; every static address is served',
  'last-good': 'THE FILE IS INVALID, the last good one is in force',
  waiting: 'THE FILE WAITS TO BE ACCEPTED, the one before is in force',
  none: 'THE FILE IS INVALID and there was no valid one before: nothing changes until it is corrected',
} as const satisfies Record<Report['policy'], string>

/** Where there are many guests, only those that are not well. */
function guestLines({ nics }: Report, view: View): string[] {
  if (nics.length === 0) return []
  const isLong = view.what === 'summary' && nics.length > FEW.guests
  const unwell = nics.filter(isUnwell)
  const shown = isLong ? unwell.slice(0, FEW.guests) : nics
  const counts = [...groupBy(nics, ({ state }) => state)].map(([state, group]) => `${group.length} ${state}`)
  return [
    ...(isLong ? hanging('guests', `${counts.join(', ')} (guestnet status --all)`, view.width) : []),
    ...(shown.length === 0 ? [] : ['', ...nicLines(shown, view)]),
    ...(isLong && unwell.length > shown.length
      ? [view.paint('faint', `and ${unwell.length - shown.length} more that are not well`)]
      : []),
  ]
}

function announcementLines({ announcing }: Report, view: View): string[] {
  if (!announcing || announcing.announcements.length === 0) return []
  const { announcements } = announcing
  const isLong = view.what === 'summary' && announcements.length > FEW.announcements
  const shown = isLong
    ? announcements
        .filter(({ route, neighbour, told }) => !route || !neighbour || told === false)
        .slice(0, FEW.announcements)
    : announcements
  return shown.length === 0 ? [] : ['', ...inColumns(describeAnnouncements(shown), view.width)]
}

/** Who sent what is not its own, those first that sent most; and of whom the guard knows less than it could. */
function guardLines({ guard }: Report, view: View): string[] {
  if (!guard) return []
  return [
    ...fewRows(['NIC', guard.mode === 'on' ? 'DROPPED' : 'NOT DROPPED', 'WHAT'], offences(guard), view),
    ...fewRows(['NIC', 'NOT KNOWN', 'BECAUSE'], openPorts(guard), view),
  ]
}

function fewRows(head: readonly string[], rows: readonly string[][], view: View): string[] {
  if (rows.length === 0) return []
  const shown = view.what === 'summary' ? rows.slice(0, FEW.ofGuard) : rows
  return [
    '',
    ...inColumns([head, ...shown], view.width),
    ...(rows.length > shown.length
      ? [view.paint('faint', `and ${rows.length - shown.length} more (guestnet status --all)`)]
      : []),
  ]
}

function describeGuest(report: Report, vmid: number, view: View): string {
  const nics = report.nics.filter(nic => nic.vmid === vmid)
  const announced = report.announcing?.announcements.filter(row => row.vmid === vmid) ?? []
  const problems = report.problems.filter(problem => problem.vmid === undefined || problem.vmid === vmid)
  const guard = report.guard && {
    ...report.guard,
    ports: report.guard.ports.filter(port => port.vmid === vmid),
  }
  const macs = nics.flatMap(({ nic, offer }) => (offer ? [`net${nic} ${offer.mac} at ${offer.link}`] : []))
  return [
    ...nicLines(nics, view),
    ...macs,
    ...(announced.length === 0 ? [] : ['', ...inColumns(describeAnnouncements(announced), view.width)]),
    ...(guard ? guardLines({ ...report, guard }, view) : []),
    ...problemLines(problems, view),
    view.paint('faint', `guestnet explain ${vmid} shows each step`),
  ].join('\n')
}
