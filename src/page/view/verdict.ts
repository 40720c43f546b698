import { type Problem, type ProblemCode, whereOf } from '../../core/problem/problem.ts'
import { isCritical, worstFirst } from '../../core/problem/severity.ts'
import type { Report } from '../../core/report/report.ts'
import type { Status } from '../../core/report/schema.ts'
import { counted } from '../../core/text/counted.ts'
import { groupBy } from '../../core/values/collection.ts'
import { blackholesIn, describeBlackhole } from './blackhole.ts'

/** How grave it is: of a verdict, and of a group of problems. */
export type Gravity = 'good' | 'warning' | 'critical'

export interface Verdict {
  readonly gravity: Gravity
  readonly headline: string
  /** What is in force, where that is not what is written. */
  readonly notes: readonly string[]
}

export function verdictOf(status: Status): Verdict {
  const { problems, policy, complete, announcing } = status
  const notes = [
    ...(POLICY[policy] === undefined ? [] : [POLICY[policy]]),
    ...(complete ? [] : ['The cluster could not be read whole: what is served stays as it is.']),
    ...(announcing === undefined || announcing.drained === 'no' ? [] : [DRAINED[announcing.drained]]),
    ...blackholeNotes(status),
  ]
  const [worst] = worstFirst(problems)
  if (worst === undefined) return { gravity: 'good', headline: 'All is well', notes }
  return {
    gravity: isCritical(worst) ? 'critical' : 'warning',
    headline: counted(problems.length, 'problem'),
    notes,
  }
}

/** Black holes that are told one by one. */
const FEW = 3

function blackholeNotes(status: Status): string[] {
  const all = blackholesIn(status)
  const more = all.length - FEW
  return [...all.slice(0, FEW).map(describeBlackhole), ...(more > 0 ? [`And ${more} more black holes.`] : [])]
}

const POLICY = {
  file: undefined,
  default: 'No policy is written: every static address is served, nothing is announced.',
  'last-good': 'The policy’s file is invalid: the last good one is in force.',
  waiting: 'The policy’s file says something else, which waits to be accepted: the one before is in force.',
  none: 'The policy’s file is invalid, and there was no valid one before: nothing changes until it is corrected.',
} as const satisfies Record<Report['policy'], string | undefined>

const DRAINED = {
  leaving: 'This node is being drained: routers are asked to prefer other paths.',
  left: 'This node is drained: nothing is announced from here.',
} as const

/** Problems of one kind. */
export interface ProblemGroup {
  readonly code: ProblemCode
  readonly gravity: Exclude<Gravity, 'good'>
  readonly problems: readonly ShownProblem[]
}

export interface ShownProblem {
  readonly key: string
  readonly message: string
  /** Absent where the next one of the group says the same. */
  readonly remedy?: string
  readonly where?: string
  readonly since?: number
  readonly vmid?: number
}

/** The worst first. */
export function problemGroups(problems: readonly Problem[]): ProblemGroup[] {
  return [...groupBy(worstFirst(problems), ({ code }) => code)].map(([code, group]) => {
    const isOneRemedy = new Set(group.map(({ remedy }) => remedy)).size === 1
    return {
      code,
      gravity: group.some(isCritical) ? 'critical' : 'warning',
      problems: group.map((problem, index) =>
        shownProblem(problem, index, !isOneRemedy || index === group.length - 1),
      ),
    }
  })
}

function shownProblem(problem: Problem, index: number, tellsRemedy: boolean): ShownProblem {
  const { message, remedy, since, vmid } = problem
  const where = whereOf(problem)
  return {
    key: `${index} ${where ?? ''} ${message}`,
    message,
    ...(tellsRemedy && remedy !== undefined && { remedy }),
    ...(where !== undefined && { where }),
    ...(since !== undefined && { since }),
    ...(vmid !== undefined && { vmid }),
  }
}

/** A number that says how far something has come: `8` of `10`. */
export interface Figure {
  readonly label: string
  readonly value: number
  readonly of?: number
}

export function figuresOf({ nics, announcing }: Status): Figure[] {
  const offered = nics.filter(({ offer }) => offer)
  const served = offered.filter(({ state }) => state === 'served')
  const running = offered.filter(({ state }) => state !== 'stopped')
  const peers = announcing?.peers ?? []
  return [
    { label: 'addresses served', value: served.length, of: running.length },
    // Who has its address by cloud-init need not lease it.
    { label: 'leases taken', value: served.filter(({ lease }) => lease).length },
    ...(announcing ? [{ label: 'prefixes announced', ...announcedOf(announcing) }] : []),
    ...(announcing?.bird
      ? [{ label: 'BGP sessions up', value: peers.filter(({ isUp }) => isUp).length, of: peers.length }]
      : []),
  ]
}

function announcedOf({ announcements, bird }: NonNullable<Status['announcing']>): Omit<Figure, 'label'> {
  const out = announcements.filter(({ route, neighbour, told, exportedTo }) =>
    // Until BIRD has been asked which peers it tells, what it has counts.
    bird ? (exportedTo ? exportedTo.length > 0 : told) : route && neighbour,
  )
  return { value: out.length, of: announcements.length }
}
