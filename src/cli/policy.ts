import { Command } from 'commander'
import schema from '../../docs/policy.schema.json' with { type: 'json' }
import { describeProblem, type Problem } from '../core/problem/problem.ts'
import { policyIn } from '../cycle/policyFile.ts'
import { readText } from '../os/files.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf, verb } from './options.ts'
import { acceptVerb } from './policyAccept.ts'
import { diffVerb } from './policyDiff.ts'
import { historyVerb } from './policyHistory.ts'
import { rollbackVerb } from './policyRollback.ts'

/** `guestnet policy`: changing what all nodes go by, safely. */
export function policyVerb() {
  return new Command('policy')
    .description('check a policy, see what it would change, accept it, take it back')
    .showHelpAfterError('(add --help for the verbs)')
    .addCommand(checkVerb())
    .addCommand(diffVerb())
    .addCommand(acceptVerb())
    .addCommand(historyVerb())
    .addCommand(rollbackVerb())
    .addCommand(schemaVerb())
}

/** `guestnet policy check`: whether a file is a valid policy; asks nobody, and touches nothing. */
function checkVerb() {
  const command = nodeVerb(
    'check',
    'tell every mistake in a policy (exit status: 0 it is valid, 1 it is not); needs neither root nor an agent',
    ['config', 'pveRoot'],
  )
    .argument('[file]', 'the policy; - is standard input (default: the one of the cluster)')
    .action((given: string | undefined) => {
      const file = given ?? settingsOf(command).config
      const problems = mistakesIn(file)
      if (formatOf(command) === 'json') printJson({ file, valid: problems.length === 0, problems })
      else if (problems.length === 0) print(`${file} is a valid policy`)
      else for (const problem of problems) complain(describeProblem(problem))
      process.exitCode = problems.length === 0 ? EXIT.ok : EXIT.error
    })
  return examples(
    command,
    'guestnet policy check ./guestnet.yaml',
    'git show HEAD:guestnet.yaml | guestnet policy check -',
    'guestnet policy check --output json ./guestnet.yaml',
  )
}

function mistakesIn(file: string): readonly Problem[] {
  const read = readText(file === '-' ? '/dev/stdin' : file)
  if (!read.ok) throw new Error(`the policy cannot be read: ${read.reason}`)
  const found = policyIn(read.text, file)
  return found.kind === 'valid' ? [] : found.problems
}

/** `guestnet policy schema`: what editors complete and check a policy by. */
function schemaVerb() {
  const command = verb(
    'schema',
    'print the JSON Schema of the policy, by which editors complete and check it',
  ).action(() => print(JSON.stringify(schema, undefined, 2)))
  return examples(command, 'guestnet policy schema >~/policy.schema.json')
}
