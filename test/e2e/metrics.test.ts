import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { run } from '../../lab/process.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

/** A real Prometheus, with the rules of contrib, scrapes a real agent, whose node is broken one part after the other. */

const CONTRIB = join(process.cwd(), 'contrib')
const RULES = join(CONTRIB, 'prometheus/guestnet.rules.yml')
const PROMETHEUS = 'http://127.0.0.1:9090'

let fabric: Fabric
const node = () => fabric.at('pve1').node

beforeAll(async () => {
  fabric = await Fabric.create('prom', { nodes: ['pve1'] })
  fabric.write('pve1', 100)
  await fabric.start('pve1', 100)
  await fabric.report('pve1', isWell)
  await startPrometheus()
})
afterAll(() => fabric?.lab.close())

const isWell: Parameters<Fabric['report']>[1] = ({ problems, announcing, nics }) =>
  problems.length === 0 && announcing?.peers[0]?.isUp === true && nics[0]?.state === 'served'

/** Every second, and alerts fire at once: what they wait for is shown by promtool. */
async function startPrometheus(): Promise<void> {
  const folder = fabric.lab.folder('prometheus')
  const rules = readFileSync(RULES, 'utf8').replaceAll(/^ {8}for: .*\n/gm, '')
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
  node().spawn('prometheus', 'prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    '--web.listen-address=127.0.0.1:9090',
  ])
  await eventually(
    'Prometheus has scraped',
    async () => (await query('up{job="guestnet"}'))[0]?.value[1] === '1',
    {
      timeoutMs: 30_000,
      dump: () => fabric.lab.dump(),
    },
  )
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

async function ask<T>(path: string, ...options: string[]): Promise<T> {
  const text = await node().run('curl', ['-sS', '--max-time', '5', ...options, `${PROMETHEUS}${path}`])
  const { status, data, error } = JSON.parse(text) as { status: string; data: T; error?: string }
  if (status !== 'success') throw new Error(error)
  return data
}

async function query(expr: string): Promise<readonly Sample[]> {
  const { result } = await ask<{ result: Sample[] }>('/api/v1/query', '--data-urlencode', `query=${expr}`)
  return result
}

async function firing(): Promise<string[]> {
  const { alerts } = await ask<{ alerts: { state: string; labels: Record<string, string> }[] }>(
    '/api/v1/alerts',
  )
  return [
    ...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname ?? '')),
  ]
}

async function quiet(): Promise<void> {
  await eventually(
    'no alert fires',
    async () => {
      const names = await firing()
      return names.length === 0 || Promise.reject(new Error(names.join(' ')))
    },
    { timeoutMs: 30_000, dump: () => fabric.lab.dump() },
  )
}

test('promtool finds nothing wrong with the rules, nor with what /metrics says', async () => {
  await run(['promtool', 'check', 'rules', RULES])
  await run(['promtool', 'test', 'rules', RULES.replace('.rules.yml', '.rules.test.yml')])
  const text = await node().run('curl', ['-sS', 'http://127.0.0.1:8067/metrics'])
  expect(text).toContain('guestnet_guests{state="served"} 1')
  await run(['promtool', 'check', 'metrics'], { input: `${text}\n` })
})

test('every panel of the dashboard asks what Prometheus understands, and what a node that is well answers', async () => {
  interface Panel {
    readonly title: string
    readonly type: string
    readonly targets: readonly { readonly expr: string }[]
  }
  const { panels } = JSON.parse(readFileSync(join(CONTRIB, 'grafana/guestnet.json'), 'utf8')) as {
    panels: Panel[]
  }
  for (const { title, type, targets } of panels) {
    const answers = targets.map(({ expr }) =>
      query(expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m')),
    )
    const samples = (await Promise.all(answers)).flat()
    // A table of problems is empty where there are none.
    if (type !== 'table') expect(samples.length, title).toBeGreaterThan(0)
  }
})

test('what the metrics say is true', async () => {
  expect((await query('guestnet_peer_up'))[0]).toMatchObject({
    metric: { peer: 'rtr01' },
    value: [expect.anything(), '1'],
  })
  const exported = await query('guestnet_peer_routes{direction="exported"}')
  expect(exported.map(({ metric, value }) => [metric.family, value[1]]).toSorted()).toEqual([
    ['ipv4', '1'],
    ['ipv6', '1'],
  ])
  expect((await query('sum(guestnet_problems)'))[0]?.value[1]).toBe('0')
  expect(Number((await query('guestnet_event_to_applied_seconds_count'))[0]?.value[1])).toBeGreaterThan(0)
})

describe('a part that breaks', () => {
  test.each([
    {
      part: 'the policy',
      alerts: ['GuestnetPolicyStale', 'GuestnetProblem'],
      breaks: () => fabric.tree.policy(`${ANNOUNCING}\nnonsense: 1\n`),
      mends: () => fabric.tree.policy(ANNOUNCING),
    },
    {
      part: 'a BGP session',
      alerts: ['GuestnetPeerDown', 'GuestnetProblem'],
      breaks: () => fabric.router.birdc('disable', 'node1'),
      mends: () => fabric.router.birdc('enable', 'node1'),
    },
    {
      part: 'the agent',
      alerts: ['GuestnetDown'],
      breaks: () => fabric.endAgent('pve1'),
      mends: () => fabric.startAgent('pve1'),
    },
  ])('$part: its alert fires until it is mended', async ({ alerts, breaks, mends }) => {
    await quiet()
    await breaks()
    await eventually(
      `${alerts.join(' and ')} fire`,
      async () => {
        const names = await firing()
        return alerts.every(alert => names.includes(alert)) || Promise.reject(new Error(names.join(' ')))
      },
      { timeoutMs: 30_000, dump: () => fabric.lab.dump() },
    )
    await mends()
    await quiet()
    await fabric.report('pve1', isWell)
  })

  test('and a Kea outlives the agent, which tells what it counted', async () => {
    const offers = 'guestnet_kea_messages_total{message="offer", direction="sent"}'
    await eventually('Kea’s counters are told', async () => Number((await query(offers))[0]?.value[1]) > 0, {
      dump: () => fabric.lab.dump(),
    })
  })
})

test('an archive for a bug report has all that is asked for, and no secret', async () => {
  const secret = 'not for anybody else'
  fabric.tree.policy(ANNOUNCING.replace('bfd: true', `password: "${secret}"`))
  fabric.tree.edit(100, text => `${text}cipassword: $5$Zm9v$bm90IGZvciB5b3U\n#a note: ${secret}\n`)
  await eventually('BIRD has the password', async () =>
    (await node().run('cat', [join(node().runDir, 'bird/bird.conf')])).includes(secret),
  )
  const archive = join(fabric.lab.dir, 'report.tar.gz')
  const { exitCode, stderr } = await guestnet(node(), 'report', archive)
  expect([exitCode, stderr]).toEqual([0, ''])
  const names = await run(['tar', '-tzf', archive])
  for (const name of [
    'versions/guestnet.txt',
    'config/guestnet.yaml',
    'config/qemu-server/100.conf',
    'status.json',
    'plan.txt',
    'nft.txt',
    'ip/routes4.txt',
    'kea/1/etc/kea-dhcp4.conf',
    'bird/bird.conf',
    'bird/protocols.txt',
    'events.txt',
  ])
    expect(names).toContain(`/${name}\n`)
  const all = await run(['tar', '-xzOf', archive])
  expect(all).not.toContain(secret)
  expect(all).not.toMatch(/\$5\$|bm90IGZvciB5b3U/)
  expect(all).toContain('203.0.113.100')
  expect((await node().run('stat', ['-c', '%a', archive])).trim()).toBe('600')
  expect((await guestnet(node(), 'report', archive)).exitCode).toBe(1)
})
