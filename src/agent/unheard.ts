import { type Change, describeChange } from '../core/change.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import { diff } from '../core/diff.ts'
import { DRIVER_OF } from '../core/driver.ts'
import { isFirewallLink } from '../core/guest/links.ts'
import type { Link, Links } from '../core/node/link.ts'
import type { Observation } from '../core/observation.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { Target } from '../core/target.ts'

/** A run of the line, as far as it matters here. */
interface Run {
  readonly observation: Observation
  readonly target: Target
  readonly provisional: boolean
}

/** Changes of what each event is heard of when somebody else does anything to it. */
const HEARD: ReadonlySet<Change['kind']> = new Set(['port-serve', 'port-release', 'element-remove'])

/**
 * What of the node is another way at a look than the run before left it, in sentences: what would have to be put right again,
 * and links that came, went or changed. Pure.
 */
export function differencesOf(
  before: Run,
  { observation }: Pick<Run, 'observation'>,
  name: string,
): string[] {
  // What failed, or waits for something, is done later, and nobody tells of that.
  if (before.provisional) return []
  const changes = diff(before.target, observation, slot => slotNames(name, slot).link)
  return [
    ...changedLinks(before.observation.links, observation.links),
    ...changes
      .filter(({ kind }) => HEARD.has(kind) || ['routing', 'guard'].includes(DRIVER_OF[kind]))
      .map(describeChange),
  ]
}

function changedLinks(before: Links, after: Links): string[] {
  const matters = ({ name }: Link) => !isFirewallLink(name)
  const come = [...after.values()].filter(link => matters(link) && !isAsBefore(link, before.get(link.name)))
  const gone = [...before.values()].filter(link => matters(link) && !after.has(link.name))
  return [...come.map(({ name }) => `the link ${name}`), ...gone.map(({ name }) => `the link ${name}, gone`)]
}

function isAsBefore({ ifindex, up, master }: Link, before: Link | undefined): boolean {
  return before?.ifindex === ifindex && before.up === up && before.master === master
}

/** Milliseconds: what happens just before a look is seen by it, and heard of a little later. */
const SLACK = { before: 300, after: 1000 }

const MOST_TOLD = 3

export interface UnheardOptions {
  /** The instance's name. */
  readonly name: string
  /** When anything was last heard that somebody else did, on the clock of `performance.now`. */
  readonly heardAt: () => number
  /** Something was found: there is a problem. */
  readonly tell: () => void
}

/**
 * What only the full look each minute finds, though all that others do should have been heard: it is put right by then, but for up to a
 * minute something was not as it should be.
 */
export class UnheardChanges {
  readonly #options: UnheardOptions
  #timer: NodeJS.Timeout | undefined
  #problem: Problem | undefined

  constructor(options: UnheardOptions) {
    this.#options = options
  }

  /** Takes a full look that nobody rang for, begun at `beganAt`, and the run before it. */
  note(before: Run, after: Run, beganAt: number): void {
    const { name, heardAt, tell } = this.#options
    const differences = differencesOf(before, after, name)
    clearTimeout(this.#timer)
    this.#problem = undefined
    if (differences.length === 0) return
    this.#timer = setTimeout(() => {
      if (heardAt() >= beganAt - SLACK.before) return
      this.#problem = unheardProblem(differences)
      tell()
    }, SLACK.after)
  }

  /** What the last full look found. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

function unheardProblem(differences: readonly string[]): Problem {
  const more = differences.length - MOST_TOLD
  const told = [...differences.slice(0, MOST_TOLD), ...(more > 0 ? [`${more} more`] : [])].join('; ')
  return {
    code: 'change-unheard',
    message: `The look at everything, once a minute, found what nothing had told of: ${told}. It has been put right.`,
    remedy:
      'Once is harmless. If it comes again, something on this node changes what is guestnet’s, or the kernel tells less than guestnet believes: report it.',
  }
}
