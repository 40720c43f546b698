/** Answers for any number of people at the cost of one: those who ask within so many milliseconds get the same. */
export function shared<T>(ask: () => Promise<T>, fresh: number): () => Promise<T> {
  let answer: Promise<T> | undefined
  let askedAt = 0
  return () => {
    if (answer && performance.now() - askedAt < fresh) return answer
    askedAt = performance.now()
    answer = ask()
    return answer
  }
}
