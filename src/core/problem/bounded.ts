import { counted } from '../text/counted.ts'
import type { Problem } from './problem.ts'

/** Problems of one guest that are told: who may edit its configuration could else fill every page with them. */
const MOST_OF_A_GUEST = 8

/**
 * The problems, each once, and of each guest the first few only: the others are counted in one more. Those that are no
 * guest's are all there, and so are counts made before.
 */
export function bounded(problems: readonly Problem[]): Problem[] {
  const kept = new Map<string, Problem>()
  const told = new Map<number, number>()
  const untold = new Map<number, number>()
  for (const problem of problems) {
    const key = JSON.stringify(problem)
    if (kept.has(key)) continue
    const { vmid, code } = problem
    if (vmid === undefined || code === 'more-problems') kept.set(key, problem)
    else if ((told.get(vmid) ?? 0) >= MOST_OF_A_GUEST) untold.set(vmid, (untold.get(vmid) ?? 0) + 1)
    else {
      told.set(vmid, (told.get(vmid) ?? 0) + 1)
      kept.set(key, problem)
    }
  }
  return [...kept.values(), ...[...untold].map(([vmid, count]) => moreProblems(vmid, count))]
}

function moreProblems(vmid: number, count: number): Problem {
  return {
    code: 'more-problems',
    message: `Guest ${vmid} has ${counted(count, 'more problem')}, which ${count === 1 ? 'is' : 'are'} not shown.`,
    remedy: 'Correct those that are shown first.',
    vmid,
  }
}
