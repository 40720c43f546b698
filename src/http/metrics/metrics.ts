import { Counter, Gauge, Registry } from 'prom-client'
import type { Outlook } from '../../agent/outlook.ts'
import { describeAgent } from './agent.ts'
import { ANNOUNCING_METRICS } from './announcing.ts'
import { KEA_METRICS } from './kea.ts'
import { REPORT_METRICS } from './report.ts'
import type { ShownMetric } from './shown.ts'
import { countWork } from './work.ts'

const SHOWN = [...REPORT_METRICS, ...ANNOUNCING_METRICS, ...KEA_METRICS]

/**
 * All that `/metrics` tells, by the conventions of Prometheus (prometheus.io/docs/practices/naming). A scrape reads what the
 * last run of the line found, and costs the node nothing.
 */
export function makeMetrics(outlook: Outlook, version: string): Registry {
  const registry = new Registry()
  describeAgent(registry, version)
  for (const metric of SHOWN) register(metric, outlook, registry)
  countWork(outlook, registry)
  return registry
}

function register(
  { type, labels, samples, ...named }: ShownMetric,
  outlook: Outlook,
  registry: Registry,
): void {
  const common = { ...named, labelNames: [...labels], registers: [registry] }
  const current = () => (outlook.report ? samples(outlook.report, outlook) : [])
  // What is gone, such as a peer of a former policy, is told no more.
  if (type === 'gauge') {
    new Gauge({
      ...common,
      collect() {
        this.reset()
        for (const [labelled, value] of current()) this.set(labelled, value)
      },
    })
  } else {
    new Counter({
      ...common,
      collect() {
        this.reset()
        for (const [labelled, value] of current()) this.inc(labelled, value)
      },
    })
  }
}
