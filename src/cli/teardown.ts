import { takeInstance } from '../agent/instanceLock.ts'
import { type Teardown, type TeardownOptions, teardown } from '../cycle/teardown.ts'
import { giveUpMark, isMarkFree } from '../iproute2/markClaim.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'

const AGENT_RUNS = 'an agent is running here and would build everything again; stop it first'

/** `guestnet teardown`: removes everything that is this instance's, and nothing else. */
export function teardownVerb() {
  const command = nodeVerb(
    'teardown',
    'remove everything that is guestnet’s from this node, and nothing else',
    ['runDir', 'stateDir', 'name'],
  )
    .option('--dry-run', 'only show what would be done', false)
    .option('--purge', 'also forget leases, the last good policy and what happened', false)
    .action(async (options: TeardownOptions) => {
      requireRoot('teardown')
      const settings = settingsOf(command)
      const taken = options.dryRun ? isMarkFree(settings) : await takeInstance(settings)
      if (!taken.ok) {
        complain(taken.isOwnAgent ? AGENT_RUNS : taken.reason)
        process.exitCode = EXIT.error
        return
      }
      const done = await teardown(settings, options)
      if (!options.dryRun) giveUpMark(settings)
      if (formatOf(command) === 'json') printJson({ dryRun: options.dryRun, ...done })
      else printDone(done)
      for (const failure of done.failures) complain(failure)
      process.exitCode = done.failures.length === 0 ? EXIT.ok : EXIT.error
    })
  return examples(command, 'guestnet teardown --dry-run', 'guestnet teardown', 'guestnet teardown --purge')
}

function printDone({ removed, kept }: Teardown): void {
  for (const step of removed) print(step)
  if (removed.length === 0) print('nothing to do')
  for (const folder of kept)
    print(`keep the folder ${folder}: leases, last good policy, what happened (--purge removes it)`)
}
