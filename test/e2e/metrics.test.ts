import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { run } from '../../lab/process.ts'
import { Prometheus } from '../../lab/prometheus.ts'
import { ANNOUNCING, Fabric } from './fabric.ts'

/** What the agent tells Prometheus, as a real one takes it, and what it packs for a bug report. */

const CONTRIB = join(process.cwd(), 'contrib')
const RULES = join(CONTRIB, 'prometheus/guestnet.rules.yml')

let fabric: Fabric
let prometheus: Prometheus
const node = () => fabric.at('pve1').node

beforeAll(async () => {
  fabric = await Fabric.create('prom', { nodes: ['pve1'] })
  fabric.write('pve1', 100)
  await fabric.start('pve1', 100)
  await fabric.report('pve1', isWell)
  prometheus = await Prometheus.start(node(), readFileSync(RULES, 'utf8'))
})
afterAll(() => fabric?.lab.close())

const isWell: Parameters<Fabric['report']>[1] = ({ problems, announcing, nics }) =>
  problems.length === 0 && announcing?.peers[0]?.isUp === true && nics[0]?.state === 'served'

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
      prometheus.query(expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m')),
    )
    const samples = (await Promise.all(answers)).flat()
    // A table of problems is empty where there are none.
    if (type !== 'table') expect(samples.length, title).toBeGreaterThan(0)
  }
})

test('what the metrics say is true', async () => {
  expect((await prometheus.query('guestnet_peer_up'))[0]).toMatchObject({
    metric: { peer: 'rtr01' },
    value: [expect.anything(), '1'],
  })
  const exported = await prometheus.query('guestnet_peer_routes{direction="exported"}')
  expect(exported.map(({ metric, value }) => [metric.family, value[1]]).toSorted()).toEqual([
    ['ipv4', '1'],
    ['ipv6', '1'],
  ])
  expect((await prometheus.query('sum(guestnet_problems)'))[0]?.value[1]).toBe('0')
  expect(
    Number((await prometheus.query('guestnet_event_to_applied_seconds_count'))[0]?.value[1]),
  ).toBeGreaterThan(0)
})

test('what Kea counted outlives the agent', async () => {
  await withRawClient(node().guest(100).port(), client => client.exchange())
  await fabric.restartAgent('pve1')
  const offers = 'guestnet_kea_messages_total{message="offer", direction="sent"}'
  await eventually(
    'Kea’s counters are told',
    async () => Number((await prometheus.query(offers))[0]?.value[1]) > 0,
    { dump: () => fabric.lab.dump() },
  )
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
  expect(await guestnet(node(), 'report', archive)).toExitWith(1)
})
