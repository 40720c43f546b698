import type { Settings } from '../core/node/settings.ts'
import type { Report } from '../core/report/report.ts'
import { ReportSchema } from '../core/report/schema.ts'
import { ask } from './socket.ts'

/** What an agent on this node tells. */
export type Told =
  | { readonly kind: 'report'; readonly report: Report }
  /** It answers, but is another version of guestnet, whose reports this one does not read. */
  | { readonly kind: 'other version' }
  /** It answers that it has no report. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'no agent' }

/** Asks for the report as it is, or, with `converge`, after the node has been made as it should be. `timeout` in milliseconds. */
export async function askReport(
  settings: Pick<Settings, 'runDir'>,
  how: 'as it is' | 'converge',
  timeout?: number,
): Promise<Told> {
  const told =
    how === 'converge'
      ? await ask(settings, 'POST', '/converge', timeout)
      : await ask(settings, 'GET', '/report', timeout)
  if (told === undefined) return { kind: 'no agent' }
  if (!told.ok) return { kind: 'failed', reason: told.reason }
  const report = ReportSchema.safeParse(told.value)
  return report.success ? { kind: 'report', report: report.data } : { kind: 'other version' }
}
