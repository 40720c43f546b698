import { request } from 'node:http'
import type { Settings } from '../core/node/settings.ts'
import type { Report } from '../core/report/report.ts'
import { ReportSchema } from '../core/report/schema.ts'
import { ask, socketPath } from './socket.ts'

/** What an agent on this node tells. */
export type Told =
  | { readonly kind: 'report'; readonly report: Report }
  /** It answers, but is another version of guestnet, whose reports this one does not read. */
  | { readonly kind: 'other version' }
  /** It answers that it has no report. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** It is there, but does not answer. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'no agent' }

/** Milliseconds in which an agent that is well says anything at all, however busy it and the machine are. */
const SAYS_ANYTHING = 3000

/** Milliseconds in which an agent that is well has its report: those it asks in turn have two seconds each. */
const REPORTS = 8000

/**
 * Asks for the report as it is, or, with `converge`, after the node has been made as it should be. Both times in milliseconds:
 * `timeout` until it is there, `saysAnything` until an agent answers at all.
 */
export async function askReport(
  settings: Pick<Settings, 'runDir'>,
  how: 'as it is' | 'converge',
  timeout = REPORTS,
  saysAnything = SAYS_ANYTHING,
): Promise<Told> {
  const [method, path] = how === 'converge' ? (['POST', '/converge'] as const) : (['GET', '/report'] as const)
  const asked = ask(settings, method, path, timeout)
  const presence = await agentPresence(settings, Math.min(timeout, saysAnything))
  if (presence !== 'answering') return { kind: presence === 'silent' ? 'silent' : 'no agent' }
  const told = await asked
  if (told === undefined) return { kind: 'silent' }
  if (!told.ok) return { kind: 'failed', reason: told.reason }
  const report = ReportSchema.safeParse(told.value)
  return report.success ? { kind: 'report', report: report.data } : { kind: 'other version' }
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
