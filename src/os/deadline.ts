/** A wait is cut into so many parts. */
const PARTS = 5

/**
 * Calls `onPassed` once `timeout` milliseconds have passed in which an answer could have been heard. Returns what calls it
 * off. A process that was kept from running itself, as on a node without a CPU to spare, finds its timers due before it
 * looks at its sockets, and would take its own pause for the other's silence. So a wait goes part by part, a part counts
 * once however long it took, and after the last one the sockets are looked at once more.
 */
export function afterListening(timeout: number, onPassed: () => void): () => void {
  let left = PARTS
  let last: NodeJS.Immediate | undefined
  const timer = setInterval(() => {
    left -= 1
    if (left > 0) return
    clearInterval(timer)
    // Comes after the sockets, which come after timers.
    last = setImmediate(onPassed)
  }, timeout / PARTS)
  return () => {
    clearInterval(timer)
    clearImmediate(last)
  }
}
