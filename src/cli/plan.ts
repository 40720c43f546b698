import { describeChange } from '../core/change.ts'
import { describeProblem } from '../core/problem/problem.ts'
import { type CycleResult, cycle } from '../cycle/cycle.ts'
import { makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, type OutputFormat, settingsOf } from './options.ts'

/** `guestnet plan`: what `apply` would do, line for line. */
export function planVerb() {
  const command = nodeVerb(
    'plan',
    'show what would change (exit status: 0 nothing, 2 changes, 1 error)',
  ).action(async () => {
    const settings = settingsOf(command)
    const result = await cycle(
      { settings, reader: new Reader(settings), drivers: makeDrivers(settings) },
      { mode: 'plan', leftovers: true },
    )
    printPlan(result, formatOf(command))
    if (result.report.policy === 'none' || !result.report.complete) process.exitCode = EXIT.error
    else process.exitCode = result.changes.length > 0 ? EXIT.changes : EXIT.ok
  })
  return examples(
    command,
    'guestnet plan',
    'guestnet plan --pve-root ./copy-of-etc-pve --node pve2 --output json',
  )
}

function printPlan({ changes, report }: CycleResult, format: OutputFormat): void {
  if (format === 'json') {
    printJson({
      changes: changes.map(change => ({ ...change, description: describeChange(change) })),
      problems: report.problems,
    })
    return
  }
  for (const change of changes) print(describeChange(change))
  if (changes.length === 0) print('nothing to do')
  for (const problem of report.problems) complain(describeProblem(problem))
}
