import { Option } from 'commander'
import type { AgentState } from '../core/report/agentHealth.ts'
import { isWell, summaryOf } from '../core/report/clusterView.ts'
import type { Report } from '../core/report/report.ts'
import type { Status } from '../core/report/schema.ts'
import { errorText } from '../os/errorText.ts'
import { describeCluster } from './clusterText.ts'
import { currentReport } from './currentReport.ts'
import { complain, EXIT, print, printJson, printPainted } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { paintFor, widthOf } from './paint.ts'
import { CHECK, checkLine } from './statusCheck.ts'
import { describeStatus } from './statusText.ts'
import type { View } from './view.ts'
import { vmidArgument } from './vmidArgument.ts'

interface StatusOptions {
  readonly problems: boolean
  readonly all: boolean
  readonly check: boolean
  readonly cluster: boolean
  readonly guest?: number
}

/** `guestnet status`: what should be, what is, and what is wrong. */
export function statusVerb() {
  const command = nodeVerb(
    'status',
    'show what is wrong, and what is served (exit status: 0 all is well, 1 something is wrong)',
  )
    .addOption(
      new Option('--problems', 'only what is wrong, all of it')
        .default(false)
        .conflicts(['all', 'guest', 'check']),
    )
    .addOption(
      new Option('--all', 'every guest and every problem').default(false).conflicts(['guest', 'check']),
    )
    .addOption(
      new Option('--guest <vmid>', 'only this guest, and what is wrong with all')
        .argParser(vmidArgument)
        .conflicts('check'),
    )
    .addOption(
      new Option('--cluster', 'every node of the cluster, each asked by its agent')
        .default(false)
        .conflicts(['all', 'guest', 'problems', 'check']),
    )
    .option('--check', 'one line for monitoring (exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN)', false)
    .action(async (options: StatusOptions) => {
      if (options.check && formatOf(command) === 'json')
        command.error("error: option '--check' cannot be used with option '--output json'")
      if (options.check) return await check()
      requireRoot('status')
      if (options.cluster) return await cluster()
      const { report, agent } = await currentReport(settingsOf(command))
      if (options.guest !== undefined && !report.nics.some(({ vmid }) => vmid === options.guest)) {
        complain(
          `guest ${options.guest} has no static address on this node; see guestnet explain ${options.guest}`,
        )
        process.exitCode = EXIT.error
        return
      }
      if (formatOf(command) === 'json') printJson(inJson(ofGuest(report, options.guest), agent))
      else printPainted(describeStatus(report, agent, viewOf(options)))
      process.exitCode = report.problems.length > 0 ? EXIT.error : EXIT.ok
    })
  return examples(
    command,
    'guestnet status',
    'guestnet status --guest 100',
    'guestnet status --cluster',
    'guestnet status --check',
    'guestnet status --output json | jq .problems',
  )

  async function cluster(): Promise<void> {
    const settings = settingsOf(command)
    const { lookAtCluster } = await import('./lookAtCluster.ts')
    const own = async () => summaryOf((await currentReport(settings)).report)
    const nodes = await lookAtCluster(settings, own)
    if (formatOf(command) === 'json') printJson({ nodes })
    else printPainted(describeCluster(nodes, paintFor(process.stdout)))
    process.exitCode = nodes.every(isWell) ? EXIT.ok : EXIT.error
  }

  async function check(): Promise<void> {
    try {
      requireRoot('status --check')
      const { line, exitCode } = checkLine((await currentReport(settingsOf(command))).report)
      print(line)
      process.exitCode = exitCode
    } catch (error) {
      print(`GUESTNET UNKNOWN - ${errorText(error)}`)
      process.exitCode = CHECK.unknown
    }
  }
}

/** A report without other guests. */
function ofGuest(report: Report, guest: number | undefined): Report {
  if (guest === undefined) return report
  const isOwn = ({ vmid }: { readonly vmid?: number }) => vmid === undefined || vmid === guest
  const { announcing } = report
  return {
    ...report,
    nics: report.nics.filter(isOwn),
    problems: report.problems.filter(isOwn),
    ...(announcing && {
      announcing: {
        ...announcing,
        announcements: announcing.announcements.filter(isOwn),
        withheld: announcing.withheld.filter(isOwn),
      },
    }),
  }
}

function inJson(report: Report, agentState: AgentState): Status {
  const agent = agentState === 'running' || agentState === 'another version'
  return { agent, agentState, ...report }
}

function viewOf({ problems, all, guest }: StatusOptions): View {
  const what = guest === undefined ? (all ? 'all' : problems ? 'problems' : 'summary') : { vmid: guest }
  return { width: widthOf(process.stdout), paint: paintFor(process.stdout), now: Date.now(), what }
}
