import type { BirdDaemon } from '../bird/daemon.ts'
import { flushProtocol } from '../iproute2/flush.ts'

/** RTPROT_BIRD of rtnetlink(7). */
export const BIRD_PROTOCOL = 12

/**
 * Ends BIRD for good, and removes what it put into the table of the guests' way out: it leaves that there, for the next one
 * to take over, and to the next start it would be somebody else's. Returns why something is left.
 */
export async function endBird(bird: BirdDaemon): Promise<string | undefined> {
  const table = bird.table()
  await bird.stop()
  return table === undefined ? undefined : await flushProtocol(table, BIRD_PROTOCOL)
}
