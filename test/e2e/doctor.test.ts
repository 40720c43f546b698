import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { withRawClient } from '../../lab/clients/raw.ts'
import { startUdhcpd } from '../../lab/udhcpd.ts'
import type { Check } from '../../src/doctor/check.ts'
import { createWorld, macOf, vm, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld({ prefix: 'doc', plain: true })
  const { tree, node } = world
  tree.write('pve1', 'qemu', 100, vm(100))
  await node.start(100)
})
afterAll(() => world?.lab.close())

async function check(name: string, ...args: string[]): Promise<Check | undefined> {
  const checks = JSON.parse((await guestnet(world.node, 'doctor', ...args)).stdout) as Check[]
  return checks.find(found => found.name === name)
}

test('the kernel takes the very rules that ports are served by', async () => {
  expect(await check('nftables in the kernel', '--listen', '0')).toMatchObject({ state: 'good' })
})

test('where no other DHCP server answers none is heard', async () => {
  expect(await check('DHCP servers heard', '--listen', '1')).toEqual({
    name: 'DHCP servers heard',
    state: 'good',
    detail: 'none in 1 s on eno1',
  })
})

test('a DHCP server that answers from outside the node is heard, and nothing is left of the listening', async () => {
  const { node, lan } = world
  await lan.ip([`address add 192.0.2.1/24 dev ${lan.link}`])
  startUdhcpd(lan, {
    link: lan.link,
    reservations: { [macOf(100)]: '192.0.2.77' },
    options: ['subnet 255.255.255.0'],
  })
  let isListening = true
  const listening = check('DHCP servers heard', '--listen', '3').finally(() => {
    isListening = false
  })
  // The guest, which nobody serves here, asks again and again while doctor listens.
  await withRawClient(node.guest(100).port(), async client => {
    while (isListening) await client.exchange()
  })
  const [server] = await lan.ipJson<{ address: string }>('link', 'show', 'dev', lan.link)
  expect(await listening).toMatchObject({ state: 'doubtful', detail: `192.0.2.1 (${server?.address})` })
  expect(await node.run('nft', ['list', 'tables'])).not.toContain('doctor')
})
