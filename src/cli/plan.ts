import { describeChange } from '../core/change.ts'
import { describeProblem } from '../core/problem/problem.ts'
import type { Report } from '../core/report/report.ts'
import { shownLines } from '../core/text/escape.ts'
import type { CycleResult } from '../cycle/result.ts'
import { describeChanges, markOf } from './changeText.ts'
import { complain, EXIT, printJson, printPainted } from './exit.ts'
import { planned } from './look.ts'
import { examples, formatOf, nodeVerb, type OutputFormat, requireRoot, settingsOf } from './options.ts'
import { paintFor } from './paint.ts'

/** `guestnet plan`: what `apply` would do, line for line. */
export function planVerb() {
  const command = nodeVerb(
    'plan',
    'show what would change (exit status: 0 nothing, 2 changes, 1 error)',
  ).action(async () => {
    requireRoot('plan')
    const { result } = await planned(settingsOf(command))
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
      policy: report.policy,
      changes: changes.map(change => ({
        ...change,
        mark: markOf(change),
        description: describeChange(change),
      })),
      problems: report.problems,
    })
    return
  }
  const paint = paintFor(process.stdout)
  const note = noteOn(report)
  if (note !== undefined) printPainted(paint('bad', shownLines(note)))
  for (const line of describeChanges(changes, paint)) printPainted(line)
  for (const problem of report.problems) complain(describeProblem(problem))
}

/** What a plan is not made from what it seems to be made from. */
function noteOn({ policy, complete }: Report): string | undefined {
  if (policy === 'last-good') return 'THE POLICY IS INVALID: this is what the last good one asks for'
  if (policy === 'waiting') return 'THE POLICY WAITS TO BE ACCEPTED: this is what the one before asks for'
  if (policy === 'none') return 'THE POLICY IS INVALID and there was no valid one before: nothing is changed'
  if (!complete) return 'THE CLUSTER’S CONFIGURATION CANNOT BE READ as a whole: nothing is taken away'
  return undefined
}
