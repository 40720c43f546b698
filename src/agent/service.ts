import { notify, watchdogInterval } from '../os/notify.ts'
import type { Agent } from './agent.ts'

/** Milliseconds that one run of the line may take: even eight Keas that do not come up take less. */
const LONGEST_RUN = 180_000

/**
 * Tells the service manager when the node has been looked at for the first time, so that guests start on a node that serves
 * them, and from then on that the agent does its work: one whose loop is stuck is replaced like one that hangs. Returns
 * what ends that.
 */
export async function beService(agent: Agent): Promise<() => Promise<void>> {
  await agent.converge('start')
  await notify('--ready')
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
