import { notify, notifySurely, watchdogInterval } from '../os/notify.ts'
import type { Agent } from './agent.ts'

/** Milliseconds that one run of the line may take: even a BIRD that does not come up takes less. */
const LONGEST_RUN = 180_000

/** Milliseconds. While the node is looked at for the first time, the service manager is told so often that it goes on. */
const STILL_STARTING = 20_000

/**
 * Tells the service manager when the node has been looked at for the first time, so that guests start on a node that serves
 * them, and from then on that the agent does its work: one whose loop is stuck is replaced like one that hangs. Until then
 * it has as long as it needs, as long as it does something: on a slow node, one that is ended for being slow never comes up.
 * Returns what ends that.
 */
export async function beService(agent: Agent): Promise<() => Promise<void>> {
  const starting = setInterval(() => {
    if (agent.busyFor < LONGEST_RUN) void notify(`EXTEND_TIMEOUT_USEC=${3 * STILL_STARTING * 1000}`)
  }, STILL_STARTING)
  await agent.converge('start')
  clearInterval(starting)
  await notifySurely('--ready', 5)
  const interval = watchdogInterval()
  const timer =
    interval &&
    setInterval(() => {
      if (agent.busyFor < LONGEST_RUN) void notify('WATCHDOG=1')
    }, interval / 6)
  return async () => {
    clearInterval(timer)
    await notify('--stopping')
  }
}
