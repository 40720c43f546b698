import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Outlook } from '../src/agent/outlook.ts'
import { makeMetrics } from '../src/http/metrics/metrics.ts'

/** What docs and contrib say of metrics and alerts is held against what there is. */

const ROOT = join(import.meta.dirname, '..')
const DOC = join(ROOT, 'docs/metrics.md')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

interface Described {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labels: readonly string[]
}

/** prom-client keeps the names of labels to itself. */
function metrics(): Described[] {
  const registry = makeMetrics(new Outlook(), 'test')
  return registry.getMetricsAsArray().map(metric => {
    const { name, type, help, labelNames } = metric as unknown as Described & { labelNames: string[] }
    return { name, type: String(type), help, labels: labelNames }
  })
}

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly annotations: { readonly summary: string; readonly description: string }
}

const alerts = (
  parse(read('contrib/prometheus/guestnet.rules.yml')) as { groups: { rules: Alert[] }[] }
).groups.flatMap(({ rules }) => rules)

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
  readonly panels?: readonly Panel[]
}

const dashboard = JSON.parse(read('contrib/grafana/guestnet.json')) as { panels: Panel[] }
const panels = dashboard.panels.flatMap(panel => [panel, ...(panel.panels ?? [])])

/** The metrics an expression reads. */
function namesIn(expr: string): string[] {
  return [...expr.matchAll(/\b(?:guestnet|process)_\w+/g)].map(([name]) => name)
}

const known = new Set(
  metrics().flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
)

const TABLES = {
  metric: metrics()
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help} |`,
    ),
  alert: alerts.map(
    ({ alert, expr, for: time }) => `| ${alert} | \`${expr.replaceAll('|', '\\|')}\` for ${time} |`,
  ),
}

/** `UPDATE=1 npx vitest run test/metrics.test.ts` writes them anew. */
test.each(Object.entries(TABLES))('docs/metrics.md has each %s as it is', (head, rows) => {
  const text = readFileSync(DOC, 'utf8')
  const table = new RegExp(`(\\| ${head} \\|.*\\n\\|[-|]+\\|\\n)((?:\\|.*\\n)*)`)
  if (process.env.UPDATE === '1')
    writeFileSync(
      DOC,
      text.replace(table, (_, top: string) => `${top}${rows.join('\n')}\n`),
    )
  expect((table.exec(readFileSync(DOC, 'utf8'))?.[2] ?? '').trim().split('\n')).toEqual(rows)
})

describe('names follow the conventions', () => {
  test.each(metrics().map(metric => [metric.name, metric] as const))('%s', (name, { type, help }) => {
    expect(name).toMatch(/^(guestnet|process)_[a-z0-9_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(help).toMatch(/[.;]|\.$/)
  })
})

test('alerts and dashboard read what there is', () => {
  const read = [
    ...alerts.map(({ expr }) => expr),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ]
  expect(read.flatMap(namesIn).filter(name => !known.has(name))).toEqual([])
  expect(read.length).toBeGreaterThan(20)
})

test('each alert is shown to fire', () => {
  const tested = (
    parse(read('contrib/prometheus/guestnet.rules.test.yml')) as {
      tests: { alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[] }[]
    }
  ).tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test)
  const firing = new Set(
    tested.filter(({ exp_alerts = [] }) => exp_alerts.length > 0).map(({ alertname }) => alertname),
  )
  const silent = new Set(
    tested.filter(({ exp_alerts = [] }) => exp_alerts.length === 0).map(({ alertname }) => alertname),
  )
  for (const { alert } of alerts) {
    expect(firing, `${alert} fires`).toContain(alert)
    expect(silent, `${alert} is silent`).toContain(alert)
  }
})
