import { setTimeout as pause } from 'node:timers/promises'
import { type RawClient, withRawClient } from '../../clients/raw.ts'
import { monotonicMs } from '../../wire.ts'
import type { Act } from '../act.ts'
import { addressIn, DB, nameOf, WEB } from '../cast.ts'
import { offeredAt, takeLease, tellTaken } from '../lease.ts'

/** Where `web` moves. */
const TO = '192.0.2.50/24'

export const edit: Act = {
  heading:
    'An address is edited: it is on offer at once, and no other guest notices that Kea was exchanged for it',
  async play({ stage, tell }) {
    stage.news()
    const web = stage.node.guest(WEB.vmid).port()
    const { taken, asked } = await withRawClient(stage.node.guest(DB.vmid).port(), async bystander => {
      const editedAt = monotonicMs()
      tell.lines(stage.edit(WEB, TO))
      const arrival = offeredAt(web, TO).then(async at => {
        tell.say(`first OFFER of ${addressIn(TO)} ${Math.round(at - editedAt)} ms after the file was written`)
        return await takeLease(stage, WEB)
      })
      return { asked: await askUntil(arrival, bystander, addressIn(DB.ip)), taken: await arrival }
    })
    tell.lines(stage.news())
    tellTaken(tell, taken)
    tell.expect(
      `meanwhile ${nameOf(DB)} sent ${asked.times} DISCOVERs and got its OFFER for ${asked.answered} of them`,
      asked.times === asked.answered,
    )
  },
}

/** Sends single DISCOVERs until something is over; how many, and how many of them were answered as they should be. */
async function askUntil(
  over: Promise<unknown>,
  client: RawClient,
  address: string,
): Promise<{ times: number; answered: number }> {
  let isOver = false
  void over
    .catch(() => undefined)
    .finally(() => {
      isOver = true
    })
  let times = 0
  let answered = 0
  while (!isOver) {
    times++
    // No second one in that time.
    const offer = await client.discover({ timeoutMs: 1000, everyMs: 2000 })
    if (offer?.message.yiaddr === address) answered++
    // Below what a port lets through.
    await pause(25)
  }
  return { times, answered }
}
