import { Command } from 'commander'
import { applyVerb } from './apply.ts'
import { bgpVerb } from './bgp.ts'
import { checkVerb } from './check.ts'
import { cleanUpVerb } from './cleanUp.ts'
import { doctorVerb } from './doctor.ts'
import { drainVerb, undrainVerb } from './drain.ts'
import { eventsVerb } from './events.ts'
import { EXIT } from './exit.ts'
import { explainVerb } from './explain.ts'
import { hookVerb } from './hook.ts'
import { importVerb } from './import.ts'
import { parseVerb } from './parse.ts'
import { planVerb } from './plan.ts'
import { policyVerb } from './policy.ts'
import { releaseVerb } from './release.ts'
import { reloadVerb } from './reload.ts'
import { reportVerb } from './report.ts'
import { runVerb } from './run.ts'
import { statusVerb } from './status.ts'
import { teardownVerb } from './teardown.ts'
import { tokenVerb } from './token.ts'

const VERBS = [
  runVerb,
  planVerb,
  applyVerb,
  statusVerb,
  explainVerb,
  checkVerb,
  eventsVerb,
  policyVerb,
  bgpVerb,
  doctorVerb,
  drainVerb,
  undrainVerb,
  releaseVerb,
  reloadVerb,
  hookVerb,
  parseVerb,
  importVerb,
  cleanUpVerb,
  reportVerb,
  tokenVerb,
  teardownVerb,
]

/** The command line: what `guestnet` runs, and what its man page and shell completions are made from. */
export function makeProgram(version: string): Command {
  const program = new Command('guestnet')
    .description('Makes the static addresses of Proxmox VE guests true on the network.')
    .version(version)
    .showHelpAfterError('(add --help for the verbs)')
    // What follows a verb is the verb's: hook has verbs of its own, with the same options.
    .enablePositionalOptions()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.error))
  for (const make of VERBS) program.addCommand(make())
  return program
}
