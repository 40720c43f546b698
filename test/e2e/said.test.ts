import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import type { LabNode } from '../../lab/node.ts'
import { markOf } from '../../src/core/routing/mark.ts'
import { PROTOCOL } from '../../src/core/routing/routing.ts'
import { withSocketPath } from '../../src/os/socketPath.ts'
import { fixturePath, RECORDED } from '../said.ts'
import { ANNOUNCING, addressOf, Fabric } from './fabric.ts'

/**
 * What the programs of this machine say, and the files that are kept, are read. With UPDATE=1 they become the fixtures that
 * `test/property/garbage.test.ts` begins with: by the usual name and mark, as they would be on a node.
 */

/** What two guests want. */
const HELD = '203.0.113.100 in vmbr0'

let fabric: Fabric
let node: LabNode
let monitored = ''

beforeAll(async () => {
  fabric = await Fabric.create('said', { nodes: ['pve1'], agents: false })
  node = fabric.at('pve1').node
  fabric.tree.policy(`${ANNOUNCING}guard: {mode: on}\n`)
  for (const vmid of [100, 101]) fabric.write('pve1', vmid)
  fabric.write('pve1', 190)
  fabric.tree.edit(190, text => text.replace('203.0.113.190/32', addressOf(100).ip))
  const monitor = node.spawn('nft-monitor', 'nft', ['monitor'])
  for (const vmid of [100, 101, 190]) await fabric.start('pve1', vmid)
  fabric.startAgent('pve1')
  await fabric.leadsTo(100, 'pve1')
  await withRawClient(node.guest(100).port(), client => client.exchange())
  await fabric.report('pve1', ({ nics }) => nics.some(({ lease }) => lease !== undefined))
  monitored = readFileSync(monitor.logFile, 'utf8')
})
afterAll(() => fabric?.lab.close())

const ip = (...args: string[]) => node.run('ip', ['-j', '-N', ...args])
const nft = (...args: string[]) => node.run('nft', ['-j', 'list', ...args])
const kept = (...path: string[]) => readFileSync(join(...path), 'utf8')

/** A file that some slot's Kea has. */
function ofKea(folder: string, name: string): string {
  const slots = join(node.runDir, 'kea')
  const paths = readdirSync(slots).map(slot => join(slots, slot, folder, name))
  return (
    paths.flatMap(path => {
      try {
        return [kept(path)]
      } catch {
        return []
      }
    })[0] ?? ''
  )
}

/** What the Kea of DHCPv4 answers. */
function askKea(question: object): Promise<string> {
  const slots = join(node.runDir, 'kea')
  const sockets = readdirSync(slots).map(slot => join(slots, slot, 'run', 'kea4-ctrl-socket'))
  return withSocketPath(sockets.find(existsSync) ?? '', path => conversation(path, JSON.stringify(question)))
}

function conversation(path: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const connection = connect(path, () => connection.write(question)).setEncoding('utf8')
    connection.on('data', (text: string) => {
      said += text
    })
    connection.on('end', () => resolve(said))
    connection.on('error', reject)
  })
}

/** All that BIRD says to one who asks this. */
function askBird(...questions: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const connection = connect(join(node.runDir, 'bird', 'bird.ctl')).setEncoding('utf8')
    const rest = [...questions]
    connection.on('data', (text: string) => {
      said += text
      if (!/^\d{4} [^\n]*\n$/m.test(text)) return
      const next = rest.shift()
      if (next === undefined) connection.end()
      else connection.write(`${next}\n`)
    })
    connection.on('end', () => resolve(said))
    connection.on('error', reject)
  })
}

/** As they are kept for a reboot, in Kea's own form. */
async function leasesOf(family: 4 | 6): Promise<string> {
  return await eventually(`leases of DHCPv${family} are kept`, async () => {
    const { stdout } = await node.attempt('sh', [
      '-c',
      `cat ${node.stateDir}/leases/kea-leases${family}-1.csv`,
    ])
    return stdout === '' ? undefined : `${stdout}\n`
  })
}

const SOURCES: Readonly<Record<string, () => string | Promise<string>>> = {
  'ip-link.json': () => node.run('ip', ['-j', 'link', 'show']),
  'ip-link-details.json': () => node.run('ip', ['-d', '-j', 'link', 'show']),
  'ip-netns.json': () => node.run('ip', ['-j', 'netns', 'list']),
  'ip-link-device.json': () => ip('link', 'show', 'dev', 'vmbr0'),
  'ip-address4.json': () => ip('-4', 'address', 'show'),
  'ip-address6.json': () => ip('-6', 'address', 'show'),
  'ip-route4.json': () => ip('-4', 'route', 'show', 'table', '100'),
  'ip-route6.json': () => ip('-6', 'route', 'show', 'table', '100'),
  'ip-rule4.json': () => ip('-4', 'rule', 'show'),
  'ip-rule6.json': () => ip('-6', 'rule', 'show'),
  'ip-neighbour4.json': () => ip('-4', 'neighbour', 'show', 'nud', 'permanent'),
  'ip-neighbour6.json': () => ip('-6', 'neighbour', 'show', 'nud', 'permanent'),
  'ip-proxy.json': () => ip('-6', 'neighbour', 'show', 'proxy'),
  'nft-ports.json': () => nft('table', 'netdev', node.agentName),
  'nft-guard.json': () => nft('table', 'netdev', `${node.agentName}.guard`),
  'nft-maps.json': () => nft('maps', 'netdev'),
  'nft-monitor.txt': () => monitored,
  'ss.txt': () => node.run('ss', ['-H', '-l', '-t', '-n', '-p']),
  'bird.txt': () => askBird('show status', 'show protocols all', 'show route', 'nonsense'),
  'bird.conf': () => kept(node.runDir, 'bird', 'bird.conf'),
  'guests4.conf': () => kept(node.runDir, 'bird', 'guests4.conf'),
  'guests6.conf': () => kept(node.runDir, 'bird', 'guests6.conf'),
  'kea-dhcp4.json': () => ofKea('etc', 'kea-dhcp4.conf'),
  'kea-dhcp6.json': () => ofKea('etc', 'kea-dhcp6.conf'),
  'kea-lease-get-all.json': () => askKea({ command: 'lease4-get-all' }),
  'kea-statistic.json': () => askKea({ command: 'statistic-get', arguments: { name: 'pkt4-received' } }),
  'kea-leases4.csv': () => leasesOf(4),
  'advertiser-table.txt': () => kept(node.runDir, 'advertiser', 'table'),
  'timeline.ndjson': () => kept(node.stateDir, 'timeline.ndjson'),
  'holder.json': () => kept(fabric.tree.root, 'guestnet', 'holders', encodeURIComponent(HELD)),
  'uplink-table': () => kept(node.stateDir, 'uplink-table'),
}

/** As on a node whose instance has the usual name, and with it the usual mark. */
function usual(text: string): string {
  const marked = new RegExp(`"(protocol|metric)":("?)${markOf(node.agentName)}\\b`, 'g')
  return text.replaceAll(node.agentName, 'guestnet').replaceAll(marked, `"$1":$2${PROTOCOL}`)
}

test.each(RECORDED.filter(({ file }) => file in SOURCES).map(said => [said.file, said] as const))(
  '%s is read as it is said here and now',
  async (file, { read }) => {
    const text = usual((await SOURCES[file]?.()) ?? '')
    expect(text).not.toBe('')
    if (process.env.UPDATE) writeFileSync(fixturePath(file), text)
    expect(await read(text)).toBeDefined()
  },
)
