import { InvalidArgumentError } from 'commander'
import type { Agent } from '../agent/agent.ts'
import type { Settings } from '../core/node/settings.ts'
import { type NodeSummary, summaryOf } from '../core/report/clusterView.ts'
import { isLoopback, type Place, parsePlace } from '../core/values/place.ts'
import type { Assets } from '../http/assets.ts'
import { askCluster } from '../http/cluster/askCluster.ts'
import { Doors } from '../http/doors.ts'
import { makeMetrics } from '../http/metrics/metrics.ts'
import type { Source } from '../http/source.ts'

/** The files of the page, by scripts/build.mjs. */
declare const GUESTNET_PAGE: Assets
declare const GUESTNET_VERSION: string

/** Where the page is if nobody says otherwise. */
export const LOCAL: Place = { address: '127.0.0.1', port: 8067 }

/** The value of `--http`. */
export function httpArgument(text: string): Place | 'off' {
  if (text === 'off') return text
  const place = parsePlace(text)
  if (!place)
    throw new InvalidArgumentError('It must be off, or ADDRESS:PORT such as 127.0.0.1:8067 or [::1]:8067.')
  if (isLoopback(place)) return place
  throw new InvalidArgumentError(
    'Nobody signs in there, so it must be a loopback address, such as 127.0.0.1; for others see http.listen in docs/policy.md.',
  )
}

/** What answers HTTP for an agent. */
export function doorsOf(agent: Agent, settings: Settings): Doors {
  return new Doors({
    settings,
    outlook: agent.picture.outlook,
    content: {
      source: sourceOf(agent, settings),
      assets: GUESTNET_PAGE,
      metrics: makeMetrics(agent.picture.outlook, GUESTNET_VERSION),
    },
    onTrouble: (place, problem) => agent.picture.noteUnreachable(place, problem),
  })
}

function sourceOf(agent: Agent, settings: Settings): Source {
  const { timeline, picture } = agent
  const { outlook } = picture
  const summary = (): NodeSummary => {
    if (outlook.report) return summaryOf(outlook.report)
    throw new Error('the agent has not been able to look at the node yet')
  }
  return {
    node: settings.node,
    report: () => agent.report(),
    lastReport: () => picture.lastReport(),
    ways: report => picture.ways(report),
    summary,
    cluster: () =>
      askCluster({
        settings,
        port: outlook.policy?.http?.listen.port,
        own: summary,
      }),
    events: () => timeline.events,
    onEvent: listener => timeline.listen(listener),
    onLook: listener => {
      outlook.on('look', listener)
      return () => outlook.off('look', listener)
    },
  }
}
