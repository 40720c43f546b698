import type { BirdDaemon } from '../bird/daemon.ts'
import type { BirdFiles } from '../bird/files.ts'
import { flushProtocol } from '../iproute2/flush.ts'

/** RTPROT_BIRD of rtnetlink(7). */
export const BIRD_PROTOCOL = 12

/**
 * Makes BIRD go by these files, started anew or as it runs. A table that it worked on before is left empty: BIRD goes away
 * from its routes there without removing them. Returns why it does not, or why something is left.
 */
export async function birdGoesBy(
  bird: BirdDaemon,
  files: BirdFiles,
  how: 'start' | 'configure',
): Promise<string | undefined> {
  const former = bird.table()
  const failure = await bird[how](files)
  if (failure !== undefined || former === undefined || former === bird.table()) return failure
  return await flushProtocol(former, BIRD_PROTOCOL)
}

/**
 * Ends BIRD for good, and removes what it put into the table of the guests' way out: it leaves that there, for the next one
 * to take over, and to the next start it would be somebody else's. Returns why something is left.
 */
export async function endBird(bird: BirdDaemon): Promise<string | undefined> {
  const table = bird.table()
  await bird.stop()
  return table === undefined ? undefined : await flushProtocol(table, BIRD_PROTOCOL)
}
