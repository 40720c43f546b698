import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { createWorld, macOf, runAgent, served, vm, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld({ prefix: 'radv' })
  const { tree, node } = world
  tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24,ip6=2001:db8:a::100/64,gw6=fe80::1' }))
  await node.startAll([100])
  await runAgent(world)
  await served(world, 100)
})

afterAll(() => world?.lab.close())

test('x', async () => {
  await eventually(
    'a default route',
    async () => (await world.node.guest(100).run('ip', ['-6', 'route'])).includes('default via fe80::1'),
    {
      dump: async () =>
        `${await world.lab.dump()} ${await world.node.run('nft', ['list', 'ruleset'])} ${await world.node.run('sh', ['-c', `ls -la ${world.node.runDir}/advertiser; cat ${world.node.runDir}/advertiser/*; ip -d link`])}`,
    },
  )
  console.log(await world.node.guest(100).run('ip', ['-6', 'route']))
})
