/** Milliseconds between two questions to a daemon that is well and there: an answer costs both sides about a millisecond each time. */
export const ASK_EVERY_MS = 5000

/**
 * Whether what answered at one time need not be asked again at another, both in milliseconds of one clock: all are asked again at the same
 * times, since what that takes is then done for all of them by one program.
 */
export function isSoon(answeredAt: number | undefined, now: number, every = ASK_EVERY_MS): boolean {
  return answeredAt !== undefined && Math.floor(answeredAt / every) === Math.floor(now / every)
}
