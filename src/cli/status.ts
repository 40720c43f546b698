import { addressOf } from '../core/dhcp/offer.ts'
import { describeNic } from '../core/guest/names.ts'
import { describeProblem } from '../core/problem/problem.ts'
import { worstFirst } from '../core/problem/severity.ts'
import type { AgentState } from '../core/report/agentHealth.ts'
import type { NicReport, Report } from '../core/report/report.ts'
import { counted } from '../core/text/counted.ts'
import { describeNetwork } from '../core/values/network.ts'
import { describeAnnouncing } from './announcing.ts'
import { EXIT, print, printJson } from './exit.ts'
import { currentReport } from './look.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'
import { table } from './table.ts'

/** `guestnet status`: what should be, what is, and what is wrong. */
export function statusVerb() {
  const command = nodeVerb('status', 'show what is served, and what is wrong').action(async () => {
    const settings = settingsOf(command)
    const { report, agent } = await currentReport(settings)
    if (formatOf(command) === 'json')
      printJson({ agent: agent === 'running' || agent === 'another version', ...report })
    else print(describe(report, agent))
    process.exitCode = report.problems.length > 0 ? EXIT.error : EXIT.ok
  })
  return examples(command, 'guestnet status', 'guestnet status --output json | jq .problems')
}

function describe(report: Report, agent: AgentState): string {
  const served = report.nics.filter(nic => nic.state === 'served').length
  const offered = report.nics.filter(nic => nic.offer).length
  const head = [
    `node ${report.node}: ${offered} addresses offered, ${served} guest ports served, ${report.problems.length} problems`,
    `agent: ${AGENT[agent]}`,
    `policy: ${POLICY[report.policy]}`,
    ...report.servers.map(
      ({ server, slot, pid, state, offers }) =>
        `Kea ${server ?? '(of another version of guestnet)'}: ${state}${pid === undefined ? '' : `, process ${pid}`}, namespace ${slot}, ${counted(offers, 'reservation')}`,
    ),
  ]
  const announcing = report.announcing ? ['', ...describeAnnouncing(report.announcing)] : []
  const rows = report.nics.map(rowOf)
  const nics =
    rows.length === 0 ? [] : ['', table([['NIC', 'MAC', 'NETWORK', 'ADDRESS', 'STATE', 'LEASE'], ...rows])]
  const problems = worstFirst(report.problems).map(problem => `! ${describeProblem(problem)}`)
  return [...head, ...nics, ...announcing, ...(problems.length === 0 ? [] : ['', ...problems])].join('\n')
}

const AGENT = {
  running: 'running',
  'another version': 'running, but another version of guestnet (this is what a look at the node shows)',
  silent: 'RUNNING BUT SILENT (this is what a look at the node shows)',
  'not running': 'not running (this is what a look at the node shows)',
} as const satisfies Record<AgentState, string>

const POLICY = {
  file: 'as in the file',
  default: 'none written; every static address is served',
  'last-good': 'THE FILE IS INVALID, the last good one is in force',
  none: 'THE FILE IS INVALID and there was no valid one before: nothing changes until it is corrected',
} as const satisfies Record<Report['policy'], string>

function rowOf({ offer, state, refusal, lease, ...nic }: NicReport): string[] {
  if (!offer) return [describeNic(nic), '-', '-', '-', state, refusal?.message ?? '']
  const until = lease ? `until ${new Date(lease.expires * 1000).toISOString().slice(0, 19)}Z` : '-'
  const held = lease && lease.address !== addressOf(offer) ? `${lease.address} ` : ''
  return [
    describeNic(offer),
    offer.mac,
    describeNetwork(offer.network),
    offer.address,
    state,
    `${held}${until}`,
  ]
}
