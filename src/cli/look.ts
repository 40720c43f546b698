import { askReport } from '../agent/client.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Report } from '../core/report/report.ts'
import { completeReport } from '../cycle/complete.ts'
import { type CycleResult, cycle } from '../cycle/cycle.ts'
import { makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'

/** Looks at the node without changing anything, leases included. */
export async function look(settings: Settings): Promise<CycleResult> {
  const drivers = makeDrivers(settings)
  const result = await cycle(
    { settings, reader: new Reader(settings), drivers },
    { mode: 'plan', leftovers: true },
  )
  return { ...result, report: await completeReport(result.report, drivers) }
}

/** The agent of this node, seen from outside. */
export type AgentState = 'running' | 'another version' | 'not running'

/** What the agent tells; by looking where none runs, or one that is another version. Throws where it fails at its work. */
export async function currentReport(settings: Settings): Promise<{ report: Report; agent: AgentState }> {
  const told = await askReport(settings, 'as it is')
  if (told.kind === 'report') return { report: told.report, agent: 'running' }
  if (told.kind === 'failed') throw new Error(told.reason)
  const agent = told.kind === 'no agent' ? 'not running' : 'another version'
  return { report: (await look(settings)).report, agent }
}
