import type { Guest } from '../core/guest/guest.ts'
import { describeGuest } from '../core/guest/names.ts'
import { describeProblem, type Problem } from '../core/problem/problem.ts'
import { explain, isStopping, problemsFor } from '../core/report/explain.ts'
import type { Explanation } from '../core/report/step.ts'
import { shown } from '../core/text/escape.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { lookWithAgent } from './look.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { describeStep } from './stepText.ts'
import { vmidArgument } from './vmidArgument.ts'

/** `guestnet explain VMID`: each step from configuration to lease, up to the first that breaks. */
export function explainVerb() {
  const command = nodeVerb(
    'explain',
    'show how a guest comes to its address, up to the first step that breaks',
  )
    .argument('<vmid>', 'the guest', vmidArgument)
    .action(async (vmid: number) => {
      requireRoot('explain')
      const { report, reading } = await lookWithAgent(settingsOf(command))
      const guest = reading.guests.find(candidate => candidate.vmid === vmid)
      if (!guest) {
        complain(`no node has a configuration of a guest ${vmid}`)
        process.exitCode = EXIT.error
        return
      }
      const nics = explain(guest, report)
      const problems = problemsFor(guest, report)
      if (formatOf(command) === 'json') printJson({ vmid, node: guest.node, nics, problems })
      else print(describeExplained(guest, nics, problems))
      process.exitCode = nics.some(isBroken) || problems.some(isStopping) ? EXIT.error : EXIT.ok
    })
  return examples(command, 'guestnet explain 100', 'guestnet explain 100 --output json')
}

function isBroken({ steps, guard, announced }: Explanation): boolean {
  return [steps, guard ? [guard] : [], ...announced.map(way => way.steps)].some(way =>
    way.some(({ state }) => state === 'broken'),
  )
}

/** An explanation for people. */
export function describeExplained(
  guest: Guest,
  nics: readonly Explanation[],
  problems: readonly Problem[],
): string {
  return [
    `${describeGuest(guest)}${guest.name === undefined ? '' : ` ${shown(guest.name)}`} on ${guest.node}`,
    ...(nics.length === 0 ? ['it has no network interface'] : nics.map(describeWay)),
    ...problems.map(problem => `! ${describeProblem(problem)}`),
  ].join('\n')
}

function describeWay({ nic, steps, guard, announced }: Explanation): string {
  return [
    `net${nic}`,
    ...steps.map(describeStep),
    ...(guard ? [describeStep(guard)] : []),
    ...announced.flatMap(way => [`net${nic}: ${way.prefix}`, ...way.steps.map(describeStep)]),
  ].join('\n')
}
