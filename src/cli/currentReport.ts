import { askReport } from '../agent/askReport.ts'
import type { Settings } from '../core/node/settings.ts'
import type { AgentState } from '../core/report/agentHealth.ts'
import type { Report } from '../core/report/report.ts'

const AGENT = {
  'other version': 'another version',
  silent: 'silent',
  'no agent': 'not running',
} as const satisfies Record<string, AgentState>

/**
 * What the agent tells; by looking where none runs, none answers, or one that is another version. Throws where it fails. What
 * looks is loaded only then.
 */
export async function currentReport(settings: Settings): Promise<{ report: Report; agent: AgentState }> {
  const told = await askReport(settings, 'as it is')
  if (told.kind === 'value') return { report: told.value, agent: 'running' }
  if (told.kind === 'failed') throw new Error(told.reason)
  const agent = AGENT[told.kind]
  const { lookBeside } = await import('./look.ts')
  return { report: (await lookBeside(settings, agent)).report, agent }
}
