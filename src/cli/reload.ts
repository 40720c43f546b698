import { describeProblem } from '../core/problem/problem.ts'
import { convergence } from './converge.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'

/** `guestnet reload`: what `systemctl reload guestnet` runs. The agent sees every change by itself; this waits and tells. */
export function reloadVerb() {
  const command = nodeVerb(
    'reload',
    'have everything read anew, now, and show what is wrong with the policy (exit status: 0 nothing, 1 something)',
  ).action(async () => {
    requireRoot('reload')
    const converge = await convergence(settingsOf(command))
    const { problems } = await converge()
    const mistakes = problems.filter(({ code }) => code.startsWith('policy-'))
    if (formatOf(command) === 'json') printJson({ problems: mistakes })
    else if (mistakes.length === 0) print('everything was read anew')
    for (const mistake of mistakes) complain(describeProblem(mistake))
    process.exitCode = mistakes.length === 0 ? EXIT.ok : EXIT.error
  })
  return examples(command, 'guestnet reload', 'systemctl reload guestnet')
}
