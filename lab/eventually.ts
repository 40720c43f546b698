import { setTimeout as pause } from 'node:timers/promises'
import { PATIENCE } from './patience.ts'

export interface Patience {
  /** How long to go on asking. */
  readonly timeoutMs?: number
  /** Pause between two questions. */
  readonly everyMs?: number
  /** Text for the error, asked for only when patience ends: what the world looked like. */
  readonly dump?: () => string | Promise<string>
}

type Answer<T> = T | undefined | null | false | 0 | ''

/**
 * Asks until the answer is truthy and returns it. What throws is asked again. When patience ends, throws an error that
 * says what was awaited, what the last question ended with, and what `dump` tells.
 */
export async function eventually<T>(
  what: string,
  question: () => Answer<T> | Promise<Answer<T>>,
  { timeoutMs = 10_000, everyMs = 20, dump }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs * PATIENCE
  for (;;) {
    const { answer, failure } = await ask(question)
    if (answer) return answer
    if (performance.now() >= deadline) {
      const last = failure instanceof Error ? failure.message : JSON.stringify(failure ?? answer)
      const world = dump ? `\n${await dump()}` : ''
      throw new Error(`not within ${timeoutMs} ms: ${what}\nlast: ${last}${world}`, { cause: failure })
    }
    await pause(everyMs)
  }
}

async function ask<T>(
  question: () => Answer<T> | Promise<Answer<T>>,
): Promise<{ answer?: Answer<T>; failure?: unknown }> {
  try {
    return { answer: await question() }
  } catch (failure) {
    return { failure }
  }
}
