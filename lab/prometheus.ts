import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import type { LabNode } from './node.ts'

/** What a query has for one series: its labels, and when it was what. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

const ADDRESS = '127.0.0.1:9090'

/** Debian's Prometheus in a node's network, which asks the agent there each second. */
export class Prometheus {
  readonly #node: LabNode

  private constructor(node: LabNode) {
    this.#node = node
  }

  /** `rules`: the text of a file of rules. Resolves when it has scraped the agent. */
  static async start(node: LabNode, rules: string): Promise<Prometheus> {
    const folder = node.lab.folder('prometheus', node.netns)
    writeFileSync(join(folder, 'guestnet.rules.yml'), rules)
    writeFileSync(
      join(folder, 'prometheus.yml'),
      [
        'global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}',
        'rule_files: [guestnet.rules.yml]',
        'scrape_configs: [{job_name: guestnet, static_configs: [{targets: ["127.0.0.1:8067"]}]}]',
        '',
      ].join('\n'),
    )
    node.spawn('prometheus', 'prometheus', [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${ADDRESS}`,
    ])
    const prometheus = new Prometheus(node)
    await eventually(
      'Prometheus has scraped',
      async () => (await prometheus.query('up{job="guestnet"}'))[0]?.value[1] === '1',
      { timeoutMs: 30_000, dump: () => node.lab.dump() },
    )
    return prometheus
  }

  async query(expr: string): Promise<readonly Sample[]> {
    const options = ['--data-urlencode', `query=${expr}`]
    const { result } = await this.#ask<{ result: Sample[] }>('/api/v1/query', ...options)
    return result
  }

  /** The names of the alerts that fire, each once. */
  async firing(): Promise<string[]> {
    const { alerts } = await this.#ask<{ alerts: { state: string; labels: Record<string, string> }[] }>(
      '/api/v1/alerts',
    )
    const names = alerts.flatMap(({ state, labels }) => (state === 'firing' ? (labels.alertname ?? []) : []))
    return [...new Set(names)]
  }

  async #ask<T>(path: string, ...options: string[]): Promise<T> {
    const url = `http://${ADDRESS}${path}`
    const text = await this.#node.run('curl', ['-sS', '--max-time', '5', ...options, url])
    const { status, data, error } = JSON.parse(text) as { status: string; data: T; error?: string }
    if (status !== 'success') throw new Error(error)
    return data
  }
}
