/** More edits than this, and a suggestion would puzzle rather than help. */
const FARTHEST = 2

/**
 * The candidate a mistyped word most likely means: at most two letters inserted, left out or replaced (Levenshtein
 * distance), case ignored. `undefined` if none is that close.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .filter(candidate => Math.abs(candidate.length - word.length) <= FARTHEST)
    .map(candidate => ({ candidate, distance: distanceOf(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= FARTHEST && distance < candidate.length)
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate
}

/** Row by row: `row[j]` is the distance of what is read of `a` so far to the first j letters of `b`. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const letter of a) {
    const next = [(row[0] ?? 0) + 1]
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
