import type { Vmid } from '../core/guest/names.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Arrival } from '../core/report/arrival.ts'
import { askAgent, type Told } from './told.ts'

/**
 * Asks how far a guest has come, as it is, or, with `converge`, after the node has been made as it should be. It is the agent that
 * judges it: to read its whole report takes a process that begins for that alone longer than all else it does.
 *
 * @param timeout milliseconds
 */
export function askArrival(
  settings: Pick<Settings, 'runDir'>,
  vmid: Vmid,
  how: 'as it is' | 'converge',
  timeout: number,
): Promise<Told<Arrival>> {
  const method = how === 'converge' ? 'POST' : 'GET'
  return askAgent(settings, { method, path: `/arrival?vmid=${vmid}`, timeout, read: arrivalIn })
}

function arrivalIn(answer: unknown): Arrival | undefined {
  const { isDone, text } = (answer ?? {}) as Partial<Record<keyof Arrival, unknown>>
  return typeof isDone === 'boolean' && typeof text === 'string' ? { isDone, text } : undefined
}
