import { errorText } from '../os/errorText.ts'
import { complain, EXIT } from './exit.ts'
import { makeProgram } from './program.ts'

/** Put here by scripts/build.mjs: as package.json has it, and the commit. */
declare const GUESTNET_VERSION: string

// A reader that has seen enough, such as head(1), is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.error),
)

makeProgram(GUESTNET_VERSION, process.argv[2])
  .then(program => program.parseAsync())
  .catch((error: unknown) => {
    complain(errorText(error))
    process.exitCode = EXIT.error
  })
