import { describeNic } from '../core/dhcp/offer.ts'
import { describeProblem } from '../core/problem/problem.ts'
import type { NicReport, Report } from '../core/report/report.ts'
import { addressOf4 } from '../core/values/address.ts'
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
    if (formatOf(command) === 'json') printJson({ agent, ...report })
    else print(describe(report, agent))
    process.exitCode = report.policy === 'none' || !report.complete ? EXIT.error : EXIT.ok
  })
  return examples(command, 'guestnet status', 'guestnet status --output json | jq .problems')
}

function describe(report: Report, agent: boolean): string {
  const served = report.nics.filter(nic => nic.state === 'served').length
  const offered = report.nics.filter(nic => nic.offer).length
  const head = [
    `node ${report.node}: ${offered} addresses offered, ${served} guest ports served, ${report.problems.length} problems`,
    agent ? 'agent: running' : 'agent: not running (this is what a look at the node shows)',
    `policy: ${POLICY[report.policy]}`,
    ...report.servers.map(
      ({ server, slot, pid, state, offers }) =>
        `Kea ${server}: ${state}, process ${pid}, namespace ${slot}, ${offers} reservation${offers === 1 ? '' : 's'}`,
    ),
  ]
  const announcing = report.announcing ? ['', ...describeAnnouncing(report.announcing)] : []
  const rows = report.nics.map(rowOf)
  const nics =
    rows.length === 0 ? [] : ['', table([['NIC', 'MAC', 'NETWORK', 'ADDRESS', 'STATE', 'LEASE'], ...rows])]
  const problems = report.problems.map(problem => `! ${describeProblem(problem)}`)
  return [...head, ...nics, ...announcing, ...(problems.length === 0 ? [] : ['', ...problems])].join('\n')
}

const POLICY = {
  file: 'as in the file',
  default: 'none written; every static address is served',
  'last-good': 'THE FILE IS INVALID, the last good one is in force',
  none: 'THE FILE IS INVALID and there was no valid one before: nothing changes until it is corrected',
} as const satisfies Record<Report['policy'], string>

function rowOf({ vmid, nic, offer, state, reason, lease }: NicReport): string[] {
  if (!offer) return [`${vmid} net${nic}`, '-', '-', '-', state, reason ?? '']
  const until = lease ? `until ${new Date(lease.expires * 1000).toISOString().slice(0, 19)}Z` : '-'
  const held = lease && lease.address !== addressOf4(offer.address) ? `${lease.address} ` : ''
  return [
    describeNic(offer),
    offer.mac,
    describeNetwork(offer.network),
    offer.address,
    state,
    `${held}${until}`,
  ]
}
