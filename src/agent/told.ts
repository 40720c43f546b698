import { request } from 'node:http'
import type { Settings } from '../core/node/settings.ts'
import { ask, socketPath } from './socket.ts'

/** What an agent on this node tells who asks it for a `T`. */
export type Told<T> =
  | { readonly kind: 'value'; readonly value: T }
  /** It answers, but is another version of guestnet, whose answers this one does not read. */
  | { readonly kind: 'other version' }
  /** It answers that it cannot tell. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It is there, but does not answer. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'no agent' }

export interface Question<T> {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** What the answer is; `undefined` where it is not as expected. */
  readonly read: (answer: unknown) => T | undefined
  /** Milliseconds until the answer is there. */
  readonly timeout: number
  /** Milliseconds until an agent says anything at all; default 3000, in which one that is well does, however busy the machine is. */
  readonly saysAnything?: number
}

const SAYS_ANYTHING = 3000

/** Asks the agent on this node, and meanwhile whether there is one that says anything. */
export async function askAgent<T>(
  settings: Pick<Settings, 'runDir'>,
  { method, path, read, timeout, saysAnything = SAYS_ANYTHING }: Question<T>,
): Promise<Told<T>> {
  const asked = ask(settings, method, path, timeout)
  const presence = await agentPresence(settings, Math.min(timeout, saysAnything))
  if (presence !== 'answering') return { kind: presence === 'silent' ? 'silent' : 'no agent' }
  const told = await asked
  if (told === undefined) return { kind: 'silent' }
  if (!told.ok) return { kind: 'failed', reason: told.reason }
  const value = read(told.value)
  return value === undefined ? { kind: 'other version' } : { kind: 'value', value }
}

/**
 * Whether an agent is there and answers within so many milliseconds. Whatever it says counts: a process that is stopped or
 * hangs takes connections all the same, as the kernel does that for it.
 */
export function agentPresence(
  settings: Pick<Settings, 'runDir'>,
  timeout = SAYS_ANYTHING,
): Promise<'answering' | 'silent' | 'absent'> {
  return new Promise(resolve => {
    const outgoing = request({ socketPath: socketPath(settings), path: '/presence' }, response => {
      resolve('answering')
      response.resume()
    })
    const timer = setTimeout(() => {
      resolve('silent')
      outgoing.destroy()
    }, timeout)
    outgoing.on('error', () => resolve('absent'))
    outgoing.on('close', () => clearTimeout(timer))
    outgoing.end()
  })
}
