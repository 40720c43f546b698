import { takeInstance } from '../agent/instanceLock.ts'
import { describeChange } from '../core/change.ts'
import { describeProblem } from '../core/problem/problem.ts'
import { type CycleResult, cycle } from '../cycle/cycle.ts'
import { makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, type OutputFormat, settingsOf } from './options.ts'

/** `guestnet apply`: does once what the agent does whenever something changes. */
export function applyVerb() {
  const command = nodeVerb('apply', 'make the network as it should be, once').action(async () => {
    const settings = settingsOf(command)
    if (!(await takeInstance(settings))) {
      complain('an agent is running here and applies every change by itself; see guestnet status')
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
        description: describeChange(change),
        failure: failure ?? null,
      })),
      problems: report.problems,
    })
    return
  }
  for (const { change, failure } of applied) if (failure === undefined) print(describeChange(change))
  if (applied.length === 0) print('nothing to do')
  for (const problem of report.problems) complain(describeProblem(problem))
}
