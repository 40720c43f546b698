import { arrivalOf } from '../core/report/arrival.ts'
import type { Report } from '../core/report/report.ts'
import type { Routes } from './socket.ts'
import type { Timeline } from './timeline.ts'

/** What is asked of an agent. */
interface Asked {
  readonly timeline: Timeline
  report(): Promise<Report>
  /** Resolves when the node has been looked at, and what can be done at once has been. */
  look(): Promise<void>
  /** Resolves when the node has been made as it should be. */
  converge(reason: 'asked'): Promise<void>
}

/** What an agent answers other guestnet processes on its node. */
export function answersOf(agent: Asked): Routes {
  const arrival = async (query: URLSearchParams) => arrivalOf(await agent.report(), Number(query.get('vmid')))
  return {
    values: {
      'GET /report': () => agent.report(),
      'GET /events': async () => agent.timeline.events,
      'GET /arrival': arrival,
      'POST /arrival': async query => {
        await agent.look()
        return await arrival(query)
      },
      'POST /converge': async () => {
        await agent.converge('asked')
        return await agent.report()
      },
    },
    streams: { 'GET /events/follow': onValue => agent.timeline.listen(onValue) },
  }
}
