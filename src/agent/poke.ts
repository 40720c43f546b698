import { request } from 'node:http'
import type { Settings } from '../core/node/settings.ts'
import { socketPath } from './socket.ts'

/**
 * Tells the agent on this node that something may have changed, and does not wait for what comes of it. Resolves to
 * whether there is an agent to tell. `timeout` in milliseconds.
 */
export function poke(settings: Pick<Settings, 'runDir'>, timeout: number): Promise<boolean> {
  return new Promise(resolve => {
    const outgoing = request({ socketPath: socketPath(settings), method: 'POST', path: '/converge', timeout })
    const end = (isTold: boolean) => {
      resolve(isTold)
      outgoing.destroy()
    }
    // Handed to the kernel is enough: the agent reads it, whether this process still lives by then or not.
    outgoing.once('finish', () => end(true))
    outgoing.once('timeout', () => end(false))
    outgoing.on('error', () => resolve(false))
    outgoing.end()
  })
}
