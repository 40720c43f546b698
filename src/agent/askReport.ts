import type { Settings } from '../core/node/settings.ts'
import type { Report } from '../core/report/report.ts'
import { ReportSchema } from '../core/report/schema.ts'
import { askAgent, type Told } from './told.ts'

/** Milliseconds in which an agent that is well has its report: those it asks in turn have two seconds each. */
const REPORTS = 8000

/**
 * Asks for the report as it is, or, with `converge`, after the node has been made as it should be. Both times in milliseconds:
 * `timeout` until it is there, `saysAnything` until an agent answers at all.
 */
export function askReport(
  settings: Pick<Settings, 'runDir'>,
  how: 'as it is' | 'converge',
  timeout = REPORTS,
  saysAnything?: number,
): Promise<Told<Report>> {
  const [method, path] = how === 'converge' ? (['POST', '/converge'] as const) : (['GET', '/report'] as const)
  const read = (answer: unknown) => ReportSchema.safeParse(answer).data
  return askAgent(settings, {
    method,
    path,
    timeout,
    read,
    ...(saysAnything !== undefined && { saysAnything }),
  })
}
