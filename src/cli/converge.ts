import { setTimeout as delay } from 'node:timers/promises'
import { askReport } from '../agent/askReport.ts'
import { takeInstance } from '../agent/instanceLock.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Report } from '../core/report/report.ts'
import { completeReport } from '../cycle/complete.ts'
import { cycle } from '../cycle/cycle.ts'
import { makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import { look } from './look.ts'

/** Makes the node as it should be now, and tells how it then is. Throws where that cannot be done. */
export type Converge = () => Promise<Report>

/** Milliseconds that an agent has to come back, as after an upgrade, or to say anything, on a node without a CPU to spare. */
const COMES_BACK = 15_000

/** Milliseconds that one has which answers, to be done: many changes take it long on such a node. */
const IS_DONE = 120_000

/** By the agent, or, where none runs, by this process, which no agent is then started beside. Throws where another instance has the mark. */
export async function convergence(settings: Settings): Promise<Converge> {
  const taken = await takeInstance(settings)
  if (taken.ok) return () => convergeHere(settings)
  if (!taken.isOwnAgent) throw new Error(taken.reason)
  return () => convergeByAgent(settings)
}

async function convergeHere(settings: Settings): Promise<Report> {
  const drivers = makeDrivers(settings)
  const result = await cycle(
    { settings, reader: new Reader(settings), drivers },
    { mode: 'apply', leftovers: true },
  )
  await drivers.retirements.settled()
  return await completeReport(result, drivers)
}

/** An agent that is being restarted reads everything anew when it is back, but this process is to see it. */
async function convergeByAgent(settings: Settings): Promise<Report> {
  const deadline = performance.now() + COMES_BACK
  let why = 'the agent does not answer'
  while (performance.now() < deadline) {
    const told = await askReport(settings, 'converge', IS_DONE, COMES_BACK)
    if (told.kind === 'value') return told.value
    if (told.kind === 'other version') return (await look(settings)).report
    if (told.kind === 'failed') why = told.reason
    await delay(200)
  }
  throw new Error(`${why}; what was asked for is written down and done when it is back`)
}
