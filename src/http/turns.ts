import { setImmediate as turn } from 'node:timers/promises'

/** Milliseconds of work in one turn: what else the agent does, such as a guest's start, waits no longer for it. */
const LONGEST = 5

/** Takes all of what is made one after the other, in turns, so that whatever else there is to do is done in between. */
export async function inTurns<T>(made: Iterable<T>): Promise<T[]> {
  const all: T[] = []
  let begun = performance.now()
  for (const one of made) {
    all.push(one)
    if (performance.now() - begun < LONGEST) continue
    await turn()
    begun = performance.now()
  }
  return all
}
