import { rmSync } from 'node:fs'
import { takeInstance } from '../agent/instanceLock.ts'
import { teardown } from '../cycle/teardown.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

/** `guestnet teardown`: removes everything that is this instance's, and nothing else. */
export function teardownVerb() {
  const command = nodeVerb(
    'teardown',
    'remove everything that is guestnet’s from this node, and nothing else',
  )
    .option('--purge', 'also forget leases and the last good policy', false)
    .action(async () => {
      const settings = settingsOf(command)
      if (!(await takeInstance(settings))) {
        complain('an agent is running here and would build everything again; stop it first')
        process.exitCode = EXIT.error
        return
      }
      const { removed, failures } = await teardown(settings)
      if (command.opts<{ purge: boolean }>().purge) {
        rmSync(settings.stateDir, { recursive: true, force: true })
        removed.push(settings.stateDir)
      }
      if (formatOf(command) === 'json') printJson({ removed, failures })
      else for (const thing of removed) print(`removed ${thing}`)
      for (const failure of failures) complain(failure)
      process.exitCode = failures.length === 0 ? EXIT.ok : EXIT.error
    })
  return examples(command, 'guestnet teardown', 'guestnet teardown --purge')
}
