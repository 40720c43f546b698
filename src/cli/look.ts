import { ask } from '../agent/socket.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Report } from '../core/report/report.ts'
import { completeReport } from '../cycle/complete.ts'
import { type CycleResult, cycle } from '../cycle/cycle.ts'
import { makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'

/** Looks at the node without changing anything, leases included. */
export async function look(settings: Settings): Promise<CycleResult> {
  const drivers = makeDrivers(settings)
  const result = await cycle({ settings, reader: new Reader(settings), drivers }, 'plan')
  return { ...result, report: await completeReport(result.report, drivers) }
}

/** What the agent tells; by looking where none runs. */
export async function currentReport(settings: Settings): Promise<{ report: Report; agent: boolean }> {
  const told = await ask(settings, 'GET', '/report')
  if (told !== undefined) return { report: told as Report, agent: true }
  return { report: (await look(settings)).report, agent: false }
}
