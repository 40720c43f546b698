import { afterAll, beforeAll, expect, test } from 'vitest'
import { guestnet } from '../../lab/agent.ts'
import { Capture } from '../../lab/capture.ts'
import type { Namespace } from '../../lab/namespace.ts'
import { startUdhcpd } from '../../lab/udhcpd.ts'
import type { Check } from '../../src/doctor/check.ts'
import { createWorld, vm, type World } from './world.ts'

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

test('a DHCP server outside the node answers when it is asked, and nothing is left of the listening', async () => {
  const { node, lan } = world
  await lan.ip([`address add 192.0.2.1/24 dev ${lan.link}`])
  const [own, server] = [await macAt(node, 'eno1'), await macAt(lan, lan.link)]
  const options = ['subnet 255.255.255.0']
  startUdhcpd(lan, { link: lan.link, reservations: { [own]: '192.0.2.77' }, options })
  const capture = await Capture.start(lan, lan.link, 'udp port 67')
  expect(await check('DHCP servers heard')).toMatchObject({
    state: 'doubtful',
    detail: `192.0.2.1 (${server})`,
  })
  // In no other name than its own: there are networks in which that is noticed.
  const requests = (await capture.stop()).filter(frame => frame.includes('BOOTP/DHCP, Request'))
  expect(requests).not.toEqual([])
  expect(requests.filter(frame => !frame.includes(`Request from ${own}`))).toEqual([])
  expect(await node.run('nft', ['list', 'tables'])).not.toContain('doctor')
})

async function macAt(where: Namespace, link: string): Promise<string> {
  const [told] = await where.ipJson<{ address: string }>('link', 'show', 'dev', link)
  return told?.address ?? ''
}
