import { agentPresence } from '../agent/told.ts'
import type { Settings } from '../core/node/settings.ts'
import { type AgentState, agentProblems } from '../core/report/agentHealth.ts'
import { completeReport } from '../cycle/complete.ts'
import { cycle } from '../cycle/cycle.ts'
import { type Drivers, makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import type { CycleResult } from '../cycle/result.ts'
import { isMarkFree } from '../iproute2/markClaim.ts'

/** Looks at the node without changing anything, leases included. */
export async function look(settings: Settings): Promise<CycleResult> {
  const { drivers, result } = await planned(settings)
  return { ...result, report: await completeReport(result, drivers) }
}

/** What would be done. Throws where another instance has the mark of this one: it would take what is the other's for its own. */
export async function planned(settings: Settings): Promise<{ drivers: Drivers; result: CycleResult }> {
  const mark = isMarkFree(settings)
  if (!mark.ok) throw new Error(mark.reason)
  const drivers = makeDrivers(settings)
  const result = await cycle(
    { settings, reader: new Reader(settings), drivers },
    { mode: 'plan', leftovers: true },
  )
  return { drivers, result }
}

/** A look at the node, with what is wrong with its agent among the problems. */
export async function lookWithAgent(settings: Settings): Promise<CycleResult> {
  const [result, presence] = await Promise.all([look(settings), agentPresence(settings)])
  return withAgent(result, STATE_OF[presence])
}

/** The same where it is known how the agent is. */
export async function lookBeside(settings: Settings, agent: AgentState): Promise<CycleResult> {
  return withAgent(await look(settings), agent)
}

const STATE_OF = {
  answering: 'running',
  silent: 'silent',
  absent: 'not running',
} as const satisfies Record<Awaited<ReturnType<typeof agentPresence>>, AgentState>

function withAgent(result: CycleResult, agent: AgentState): CycleResult {
  const { report, changes } = result
  const problems = [...agentProblems(agent, changes.length), ...report.problems]
  return { ...result, report: { ...report, problems } }
}
