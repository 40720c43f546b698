import { takeInstance } from '../agent/instanceLock.ts'
import { describeChange } from '../core/change.ts'
import { describeProblem } from '../core/problem/problem.ts'
import { cycle } from '../cycle/cycle.ts'
import { makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import type { CycleResult } from '../cycle/result.ts'
import { describeChanges, markOf } from './changeText.ts'
import { complain, EXIT, printJson, printPainted } from './exit.ts'
import { examples, formatOf, nodeVerb, type OutputFormat, requireRoot, settingsOf } from './options.ts'
import { paintFor } from './paint.ts'

const AGENT_RUNS = 'an agent is running here and applies every change by itself; see guestnet status'

/** `guestnet apply`: does once what the agent does whenever something changes. */
export function applyVerb() {
  const command = nodeVerb('apply', 'make the network as it should be, once').action(async () => {
    requireRoot('apply')
    const settings = settingsOf(command)
    const taken = await takeInstance(settings)
    if (!taken.ok) {
      complain(taken.isOwnAgent ? AGENT_RUNS : taken.reason)
      process.exitCode = EXIT.error
      return
    }
    const drivers = makeDrivers(settings)
    const result = await cycle(
      { settings, reader: new Reader(settings), drivers },
      { mode: 'apply', leftovers: true },
    )
    printApplied(result, formatOf(command))
    await drivers.retirements.settled()
    const isGood = result.report.policy !== 'none' && result.report.complete
    process.exitCode =
      isGood && result.applied.every(({ failure }) => failure === undefined) ? EXIT.ok : EXIT.error
  })
  return examples(command, 'guestnet apply', 'guestnet apply --output json')
}

function printApplied({ applied, report }: CycleResult, format: OutputFormat): void {
  if (format === 'json') {
    printJson({
      changes: applied.map(({ change, failure }) => ({
        ...change,
        mark: markOf(change),
        description: describeChange(change),
        failure: failure ?? null,
      })),
      problems: report.problems,
    })
    return
  }
  const done = applied.flatMap(({ change, failure }) => (failure === undefined ? [change] : []))
  if (done.length > 0 || applied.length === 0) {
    for (const line of describeChanges(done, paintFor(process.stdout))) printPainted(line)
  }
  for (const problem of report.problems) complain(describeProblem(problem))
}
