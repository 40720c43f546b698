import { Command } from 'commander'
import { errorText } from '../os/errorText.ts'
import { applyVerb } from './apply.ts'
import { bgpVerb } from './bgp.ts'
import { checkVerb } from './check.ts'
import { cleanUpVerb } from './cleanUp.ts'
import { doctorVerb } from './doctor.ts'
import { drainVerb, undrainVerb } from './drain.ts'
import { eventsVerb } from './events.ts'
import { complain, EXIT } from './exit.ts'
import { explainVerb } from './explain.ts'
import { hookVerb } from './hook.ts'
import { importVerb } from './import.ts'
import { parseVerb } from './parse.ts'
import { planVerb } from './plan.ts'
import { releaseVerb } from './release.ts'
import { runVerb } from './run.ts'
import { statusVerb } from './status.ts'
import { teardownVerb } from './teardown.ts'

declare const GUESTNET_VERSION: string

const program = new Command('guestnet')
  .description('Makes the static addresses of Proxmox VE guests true on the network.')
  .version(GUESTNET_VERSION)
  .showHelpAfterError('(add --help for the verbs)')
  // What follows a verb is the verb's: hook has verbs of its own, with the same options.
  .enablePositionalOptions()
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.error))

const VERBS = [
  runVerb,
  planVerb,
  applyVerb,
  statusVerb,
  explainVerb,
  checkVerb,
  eventsVerb,
  bgpVerb,
  doctorVerb,
  drainVerb,
  undrainVerb,
  releaseVerb,
  hookVerb,
  parseVerb,
  importVerb,
  cleanUpVerb,
  teardownVerb,
]

for (const make of VERBS) program.addCommand(make())

// A reader that has seen enough, such as head(1), is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error),
)

program.parseAsync().catch((error: unknown) => {
  complain(errorText(error))
  process.exitCode = EXIT.error
})
