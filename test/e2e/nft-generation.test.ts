import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import { addNamespaces, deleteNamespaces, Namespace } from '../../lab/namespace.ts'
import { NftCount } from '../../src/agent/nftCount.ts'
import { ASK_GENERATION } from '../../src/nftables/generation.ts'

/** What a change of nftables that nobody heard of is found by: the kernel's count of transactions, and what `nft monitor` tells of it. */

let lab: Lab
let namespace: Namespace

beforeAll(async () => {
  lab = await Lab.create({ prefix: 'nftgen' })
  namespace = new Namespace(lab, `${lab.id}-count`)
  lab.own('the namespace', () => deleteNamespaces([namespace.netns]))
  await addNamespaces([namespace.netns])
})
afterAll(() => lab?.close())

const addTable = (name: string) => namespace.run('nft', ['add', 'table', 'netdev', name])

test('what was told is complete until something happens that nobody listens to', async () => {
  const count = new NftCount(async () => Number(await namespace.run('perl', ['-e', ASK_GENERATION])))
  const monitor = namespace.spawn('monitor', 'nft', ['monitor'])
  const log = () => readFileSync(monitor.logFile, 'utf8')
  let tries = 0
  await eventually(
    'the monitor listens',
    async () => {
      await addTable(`try${tries++}`)
      return log().includes('new generation')
    },
    { dump: async () => log() },
  )
  await count.isComplete()
  const before = log().length
  await addTable('heard')
  await eventually('it is told', () => /netdev heard\n# new generation .*\n/.test(log()), {
    dump: async () => log(),
  })
  for (const line of log().slice(before).split('\n')) count.told(line)
  expect(await count.isComplete()).toBe(true)
  await monitor.stop()
  await addTable('unheard')
  expect(await count.isComplete()).toBe(false)
})
