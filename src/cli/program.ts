import { Command } from 'commander'
import { EXIT } from './exit.ts'

/**
 * Each verb by its name, in the order of `--help`, loaded when it is asked for: a hook is waited for by the start of a guest, and
 * shall not wait until the agent, its page and all other verbs are there.
 */
const VERBS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.ts')).runVerb(),
  plan: async () => (await import('./plan.ts')).planVerb(),
  apply: async () => (await import('./apply.ts')).applyVerb(),
  status: async () => (await import('./status.ts')).statusVerb(),
  explain: async () => (await import('./explain.ts')).explainVerb(),
  check: async () => (await import('./check.ts')).checkVerb(),
  events: async () => (await import('./events.ts')).eventsVerb(),
  policy: async () => (await import('./policy.ts')).policyVerb(),
  bgp: async () => (await import('./bgp.ts')).bgpVerb(),
  doctor: async () => (await import('./doctor.ts')).doctorVerb(),
  drain: async () => (await import('./drain.ts')).drainVerb(),
  undrain: async () => (await import('./drain.ts')).undrainVerb(),
  release: async () => (await import('./release.ts')).releaseVerb(),
  reload: async () => (await import('./reload.ts')).reloadVerb(),
  hook: async () => (await import('./hook.ts')).hookVerb(),
  parse: async () => (await import('./parse.ts')).parseVerb(),
  import: async () => (await import('./import.ts')).importVerb(),
  'clean-up': async () => (await import('./cleanUp.ts')).cleanUpVerb(),
  report: async () => (await import('./report.ts')).reportVerb(),
  token: async () => (await import('./token.ts')).tokenVerb(),
  teardown: async () => (await import('./teardown.ts')).teardownVerb(),
}

/**
 * The command line: what `guestnet` runs, and what its man page and shell completions are made from.
 *
 * @param wanted the first word of the command line: where it is a verb, that verb alone is loaded, else all of them
 */
export async function makeProgram(version: string, wanted = ''): Promise<Command> {
  const program = new Command('guestnet')
    .description('Makes the static addresses of Proxmox VE guests true on the network.')
    .version(version)
    .showHelpAfterError('(add --help for the verbs)')
    // What follows a verb is the verb's: hook has verbs of its own, with the same options.
    .enablePositionalOptions()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.error))
  const names = Object.hasOwn(VERBS, wanted) ? [wanted] : Object.keys(VERBS)
  for (const name of names) {
    const verb = await VERBS[name]?.()
    if (verb) program.addCommand(verb)
  }
  return program
}
