import type { Settings } from '../core/node/settings.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { Timeline } from './timeline.ts'
import { UnheardChanges, type UnheardOptions } from './unheard.ts'

/** Why each run of the line fails, and since when, in milliseconds since 1970. */
interface LoopFailure {
  readonly reason: string
  readonly since: number
}

/** What goes wrong with the agent's own work, which no look at the node shows. */
export class OwnTroubles {
  readonly #settings: Pick<Settings, 'stateDir'>
  readonly #timeline: Timeline
  #loopFailure: LoopFailure | undefined
  /** Why leases cannot be kept for the time after a reboot. */
  saveFailure: string | undefined
  readonly unheard: UnheardChanges
  /** What is wrong with the places where others reach the agent. */
  readonly unreachable = new Map<string, Problem>()

  constructor(
    settings: Pick<Settings, 'stateDir' | 'name'>,
    timeline: Timeline,
    unheard: Omit<UnheardOptions, 'name'>,
  ) {
    this.unheard = new UnheardChanges({ name: settings.name, ...unheard })
    this.#settings = settings
    this.#timeline = timeline
  }

  /** The same failure again is no news: it is tried again every few seconds. */
  noteLoopFailure(reason: string): void {
    const since = this.#loopFailure?.since ?? Date.now()
    if (this.#loopFailure?.reason !== reason) this.#timeline.note('failure', reason)
    this.#loopFailure = { reason, since }
  }

  noteLoopSuccess(): void {
    if (this.#loopFailure) this.#timeline.note('solved', this.#loopFailure.reason)
    this.#loopFailure = undefined
  }

  /** Why there is no report yet. */
  whyNoReport(): string {
    const nothing = 'the agent has not been able to look at the node yet'
    return this.#loopFailure ? `${nothing}: ${describeLoopFailure(this.#loopFailure)}` : nothing
  }

  /** Those of a report with the agent's own: a failing loop first, since nothing else is true then. */
  among(problems: readonly Problem[]): Problem[] {
    const ofLoop = this.#loopFailure ? [loopProblem(this.#loopFailure)] : []
    const ofState = this.saveFailure === undefined ? [] : [stateProblem(this.saveFailure, this.#settings)]
    return [
      ...ofLoop,
      ...problems,
      ...ofState,
      ...(this.unheard.problem ? [this.unheard.problem] : []),
      ...this.unreachable.values(),
    ]
  }
}

function describeLoopFailure({ reason, since }: LoopFailure): string {
  return `since ${new Date(since).toISOString().slice(0, 19)}Z each try ends with: ${reason}`
}

function loopProblem(failure: LoopFailure): Problem {
  return {
    code: 'loop-failed',
    message: `The agent changes nothing at the moment, and what is shown is how it was before: ${describeLoopFailure(failure)}.`,
    remedy:
      'Everything goes on being served as it is. Run guestnet doctor; if it finds nothing, report this.',
  }
}

function stateProblem(reason: string, { stateDir }: Pick<Settings, 'stateDir'>): Problem {
  return {
    code: 'state-unwritable',
    message: `Leases cannot be kept for the time after a reboot: ${reason}. They are served all the same.`,
    remedy: 'Make room in the state directory, or make it writable.',
    file: stateDir,
  }
}
