import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import { IpProcess } from '../../src/iproute2/ipProcess.ts'
import { parseLinks } from '../../src/iproute2/links.ts'

let lab: Lab
let node: LabNode
let ip: IpProcess
/** The lines that were said to a process of its own. */
let once: string[]

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'ipkept' })
  node = await lab.addNode('pve1', lab.createTree({ nodes: ['pve1'] }))
  await node.addBridge('vmbr0')
})
afterAll(() => lab?.close())

beforeEach(() => {
  once = []
  ip = new IpProcess(['-n', node.netns], async (_, lines) => {
    once.push(...lines)
    return new Map()
  })
})

async function say(...lines: string[]) {
  return await ip.runBy(parseLinks(await node.run('ip', ['-j', 'link', 'show'])))('any', lines)
}

const routes = async (family: string) =>
  (await node.run('ip', [family, 'route', 'show', 'table', '100'])).split('\n').filter(Boolean)

test('lines of both families are carried out by one process, in their order', async () => {
  await say(
    'route replace 203.0.113.1/32 dev vmbr0 table 100 metric 1 proto 103',
    'route replace blackhole 2001:db8::1/128 table 100 metric 1 proto 103',
    'route replace 203.0.113.2/32 dev vmbr0 table 100 metric 1 proto 103',
    'route del 203.0.113.1/32 dev vmbr0 table 100 metric 1 proto 103',
  )
  expect(await routes('-4')).toMatchObject([expect.stringMatching(/^203\.0\.113\.2 dev vmbr0 /)])
  expect(await routes('-6')).toMatchObject([expect.stringMatching(/^blackhole 2001:db8::1 /)])
  expect(once).toEqual([])
})

test('what it complains about is said once more to a process of its own, also where it does not understand', async () => {
  const wrong = ['route del 203.0.113.77/32 dev vmbr0 table 100', 'route replace nonsense']
  for (const line of wrong) await say(line)
  expect(once).toEqual(wrong)
  await say('route replace 203.0.113.3/32 dev vmbr0 table 100')
  expect(once).toEqual(wrong)
  expect((await routes('-4')).join()).toContain('203.0.113.3')
})

test('a link that is made anew under its name is the new one, even while the former one lives on by another', async () => {
  const route = 'route replace 203.0.113.4/32 dev vmbr0 table 100'
  await say(route)
  await node.ip([
    ...['link set vmbr0 down', 'link set vmbr0 name vmbr9', 'link set vmbr9 up'],
    ...['link add vmbr0 type bridge', 'link set vmbr0 up'],
  ])
  await say(route)
  expect((await routes('-4')).join()).toMatch(/203\.0\.113\.4 dev vmbr0 /)
  expect(once).toEqual([])
})
