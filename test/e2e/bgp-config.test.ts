import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guestnet, inText } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import type { Check } from '../../src/doctor/check.ts'
import { createWorld, vm, type World } from './world.ts'

let world: World

const NETWORK = '{bridge: vmbr0, prefixes: [203.0.113.0/24, "2001:db8:a::/48"]}'
const OWN = 'bgp: {as: 65001, peers: [{name: rtr01, address: 192.0.2.1, as: 65000, password: "very secret"}]}'

beforeAll(async () => {
  world = await createWorld({ prefix: 'conf', plain: true })
  world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '203.0.113.100/32', gw: '172.31.1.1' }))
  await world.node.start(100)
})
afterAll(() => world?.lab.close())

/** Puts a policy in force, by default one that announces. */
function policy(bgp: string, announce = `announce: {table: 100, networks: [${NETWORK}]}`): void {
  world.tree.policy(`${announce}\n${bgp}\n`)
}

async function doctor(): Promise<Map<string, Check['state']>> {
  const { stdout } = await guestnet(world.node, 'doctor', '--listen', '0')
  const checks = JSON.parse(stdout) as Check[]
  return new Map(checks.map(({ name, state }) => [name, state]))
}

/** The LAN's router says that it is one. */
async function advertiseRouter(): Promise<void> {
  const { lab, lan } = world
  const file = join(lab.folder('router'), 'bird.conf')
  const radv =
    'protocol radv { interface "lan0" { min ra interval 3; max ra interval 4; prefix ::/0 { skip; }; }; }'
  writeFileSync(file, `router id 192.0.2.1;\nprotocol device { }\n${radv}\n`)
  lan.spawn('router', 'bird', ['-f', '-c', file, '-s', `${file}.ctl`, '-P', `${file}.pid`])
}

async function hasDefaultRoute(): Promise<boolean> {
  return (await world.node.ipJson('-6', 'route', 'show', 'default', 'proto', 'ra')).length > 0
}

describe('bgp config', () => {
  test('prints what BIRD then runs with, but for the passwords', async () => {
    policy(OWN)
    const { exitCode, stdout } = await guestnet(world.node, 'bgp', 'config')
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('secret')
    expect(await guestnet(world.node, 'apply')).toExitWith(0)
    const onDisk = (name: string) => readFileSync(join(world.node.runDir, 'bird', name), 'utf8')
    const config = onDisk('bird.conf').replace('"very secret"', '"…"')
    expect(JSON.parse(stdout)).toMatchObject({ config })
    // The guests' arrivals were told by the clock when they were told BIRD.
    expect(JSON.parse((await guestnet(world.node, 'bgp', 'config')).stdout)).toEqual({
      config,
      guests4: onDisk('guests4.conf'),
      guests6: onDisk('guests6.conf'),
    })
    expect((await inText(world.node, ['bgp', 'config'])).stdout).toMatch(
      /bird\.conf\n.*protocol bgp .*guests4\.conf, included above\n.*route 203\.0\.113\.100\/32/s,
    )
  })

  test('with BFD over several hops a session is from the address the kernel chooses, and stays so', async () => {
    const { node } = world
    const config = async () => (await inText(node, ['bgp', 'config'])).stdout
    policy('bgp: {as: 65001, peers: [{name: far, address: 192.0.2.77, as: 65000, multihop: 2, bfd: true}]}')
    expect(await config()).toContain('multihop 2;\n  # bfd: ')
    await node.ip(['addr add 198.51.100.9/24 dev vmbr0', 'route add 192.0.2.77 via 198.51.100.1'])
    expect(await config()).toContain('multihop 2;\n  source address 198.51.100.9;\n  bfd on;')
    expect(await guestnet(node, 'apply')).toExitWith(0)
    await node.ip([
      'addr add 198.51.101.9/24 dev vmbr0',
      'route replace 192.0.2.77 via 198.51.100.1 src 198.51.101.9',
    ])
    expect(await config()).toContain('source address 198.51.100.9;')
    await node.ip(['addr del 198.51.100.9/24 dev vmbr0', 'route replace 192.0.2.77 via 198.51.101.1'])
    expect(await config()).toContain('source address 198.51.101.9;')
    await node.ip(['addr del 198.51.101.9/24 dev vmbr0'])
  })

  test('prints what a daemon of the administrator’s needs', async () => {
    policy('bgp: external')
    expect((await inText(world.node, ['bgp', 'config', '--for', 'bird'])).stdout).toContain(
      'kernel table 100;',
    )
    expect((await inText(world.node, ['bgp', 'config', '--for', 'frr', '--as', '65009'])).stdout).toContain(
      'router bgp 65009\n',
    )
    const { stdout } = await guestnet(world.node, 'bgp', 'config', '--for', 'bird')
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['snippet'])
  })

  test.each([
    ['bgp: external', [], 'leaves BGP to a daemon of yours'],
    ['bgp: external', ['--for', 'frr'], 'add --as NUMBER'],
    ['bgp: external', ['--for-router', 'frr'], 'with bgp: external, routers do not learn it'],
    [
      OWN,
      ['--for-router', 'frr', '--for', 'bird'],
      "option '--for-router <daemon>' cannot be used with option",
    ],
    ['bgp: {as: {pve9: 1}, peers: [{name: rtr01, interface: up0, as: 2}]}', [], 'no AS number for node pve1'],
  ])('of %s %j says what is missing', async (bgp, words, sentence) => {
    policy(bgp)
    expect(await inText(world.node, ['bgp', 'config', ...words])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining(sentence) as string,
    })
  })

  test.each([[[]], [['--for', 'bird']]])('%j where nothing is announced says so', async words => {
    policy('', 'dhcp: {}')
    const { exitCode, stderr } = await inText(world.node, ['bgp', 'config', ...words])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'guestnet: the policy announces nothing: it has no `announce`',
    })
  })
})

describe('forwarding', () => {
  const SETTINGS = ['net.ipv6.conf.vmbr0.accept_ra', 'net.ipv6.conf.all.forwarding', 'net.ipv4.ip_forward']

  beforeAll(async () => {
    await advertiseRouter()
    const { node } = world
    const off = ['net.ipv6.conf.all.forwarding=0', 'net.ipv4.ip_forward=0']
    await node.run('sysctl', ['-qw', ...off, 'net.ipv6.conf.vmbr0.accept_ra=1'])
    await node.run('sysctl', ['-qw', 'net.ipv6.conf.vmbr0.disable_ipv6=0'])
    await eventually('the host has a default route', hasDefaultRoute, { dump: () => node.dump() })
  })

  test('is only looked at by default', async () => {
    policy('')
    expect((await inText(world.node, ['plan'])).stdout).not.toContain('net.ipv')
    const states = await doctor()
    expect(SETTINGS.map(name => states.get(name))).toEqual(['doubtful', 'bad', 'bad'])
    expect(states.get('announced network vmbr0')).toBe('good')
  })

  test('is set where the policy says so, and the host keeps its default route', async () => {
    policy('', `announce: {table: 100, sysctl: true, networks: [${NETWORK}]}`)
    const { stdout } = await inText(world.node, ['plan'])
    expect(stdout.split('\n').filter(line => line.includes('net.ipv'))).toEqual(
      ['2', '1', '1'].map((value, index) => `  ~ set ${SETTINGS[index]} to ${value}`),
    )
    expect(await guestnet(world.node, 'apply')).toExitWith(0)
    expect(await inText(world.node, ['plan'])).toMatchObject({ exitCode: 0, stdout: 'nothing to do' })
    expect(await hasDefaultRoute()).toBe(true)
    const states = await doctor()
    expect(SETTINGS.map(name => states.get(name))).toEqual(['good', 'good', 'good'])
  })
})
