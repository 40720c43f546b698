import { describeProblem, type Problem } from '../core/problem/problem.ts'
import { Reader } from '../cycle/read.ts'
import { lookForLeftovers } from '../doctor/leftovers.ts'
import { describeLeftover, type Leftover } from '../predecessors/leftover.ts'
import { removeLeftovers } from '../predecessors/observe.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

interface CleanUpOptions {
  readonly fastAnnouncer?: string
  readonly yes: boolean
}

/** What was found, and what became of it. */
interface CleanUp {
  readonly leftovers: readonly Leftover[]
  readonly leftAlone: readonly Leftover[]
  /** Absent: nothing was to be removed yet. */
  readonly removed?: readonly Leftover[]
  readonly failures: readonly string[]
  readonly problems: readonly Problem[]
}

/** `guestnet clean-up`: removes what guestnet's predecessors left on this node, after showing it. */
export function cleanUpVerb() {
  const command = nodeVerb('clean-up', 'remove what guestnet’s predecessors left on this node')
    .option('--fast-announcer <dir>', FAST_ANNOUNCER)
    .option('--yes', 'remove it, instead of only showing it', false)
    .action(async (options: CleanUpOptions) => {
      const reading = await new Reader(settingsOf(command)).read()
      const { found, problems } = await lookForLeftovers(reading, options.fastAnnouncer)
      const leftovers = [...found.announcer, ...found.keas]
      const done = options.yes ? await remove(leftovers) : { failures: [] }
      const cleanUp = { leftovers, leftAlone: found.leftAlone, ...done, problems }
      if (formatOf(command) === 'json') printJson(inJson(cleanUp))
      else for (const line of inText(cleanUp)) print(line)
      for (const problem of problems) complain(describeProblem(problem))
      for (const reason of done.failures) complain(reason)
      process.exitCode = done.failures.length > 0 ? EXIT.error : EXIT.ok
    })
  return examples(
    command,
    'guestnet clean-up',
    'guestnet clean-up --fast-announcer /var/lib/infra/network',
    'guestnet clean-up --fast-announcer /var/lib/infra/network --yes',
  )
}

/** Of the option that `doctor` has, too. */
export const FAST_ANNOUNCER =
  'folder of fast-announcer’s files (default: that of the policy, else /var/lib/infra/network)'

async function remove(leftovers: readonly Leftover[]): Promise<Pick<CleanUp, 'removed' | 'failures'>> {
  const failures = await removeLeftovers(leftovers)
  return { removed: leftovers.filter(leftover => !failures.has(leftover)), failures: [...failures.values()] }
}

function inJson({ leftovers, leftAlone, removed = [], failures, problems }: CleanUp) {
  const described = (list: readonly Leftover[]) =>
    list.map(leftover => ({ ...leftover, description: describeLeftover(leftover) }))
  return {
    leftovers: described(leftovers),
    leftAlone: described(leftAlone),
    removed: described(removed),
    failures,
    problems,
  }
}

function inText({ leftovers, leftAlone, removed }: CleanUp): string[] {
  const verb = removed ? 'removed' : 'would remove'
  return [
    ...(removed ?? leftovers).map(leftover => `${verb} ${describeLeftover(leftover)}`),
    ...leftAlone.map(leftover => `left alone: ${describeLeftover(leftover)}`),
    ...(leftovers.length === 0 ? ['nothing to remove'] : []),
    ...(leftovers.length > 0 && !removed ? ['Nothing was changed; --yes removes it.'] : []),
  ]
}
