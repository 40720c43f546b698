import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Told6, TYPE, withRawClient6 } from '../../lab/clients6/raw.ts'
import { recordedFrames } from '../../lab/clients6/recorded.ts'
import { httpBootOptions } from '../../lab/clients6/uefi.ts'
import { eventually } from '../../lab/eventually.ts'
import { startQemu } from '../../lab/qemu.ts'
import { createWorld, runAgent, served, vm, type World } from './world.ts'

/** What virtual machines boot over IPv6. */
let world: World

const policyWith = (uefi: string) => `dhcp:
  boot:
    nextServer6: "2001:db8::9"
    uefi: "${uefi}"
    ipxe: "http://[2001:db8::9]/menu"
    parameters6: [quiet, "a,b"]
`
/** The last letters before the machine is off may not reach its console. */
const MENU = '#!ipxe\necho booted over IPv6\necho and off it goes\nsleep 1\npoweroff\n'

beforeAll(async () => {
  world = await createWorld({ prefix: 'boot' })
  const { tree, lan, node } = world
  tree.policy(policyWith('ipxe.efi'))
  for (const vmid of [120, 130]) {
    const more = `ipconfig0: ip6=2001:db8::${vmid}/64,gw6=fe80::1\n`
    tree.write('pve1', 'qemu', vmid, vm(vmid, { net: ',firewall=1', more }))
  }
  await node.start(130)
  const root = join(world.lab.dir, 'www')
  mkdirSync(root)
  writeFileSync(join(root, 'menu'), MENU)
  await lan.ip([`addr add 2001:db8::9/64 dev ${lan.link} nodad`])
  lan.spawn('httpd', 'busybox', ['httpd', '-f', '-p', '[2001:db8::9]:80', '-h', root])
  await runAgent(world)
  await served(world, 130)
})

afterAll(() => world?.lab.close())

test('iPXE, with IPv6 only, is told by its router that there is DHCPv6, and boots what the policy says', async () => {
  const machine = await startQemu(world.node, 120)
  try {
    await eventually('it boots', () => machine.console().includes('booted over IPv6'), {
      timeoutMs: 45_000,
      dump: async () => `${machine.console()}\n${await world.lab.dump()}`,
    })
  } finally {
    await machine.stop()
  }
})

/** Of the machine that the recording is of. */
const UEFI = { vmid: 130, address: '2001:db8::130' }

test('a UEFI, as it was recorded, leases for its IP stack, and soon after by another IAID for what it boots by TFTP', async () => {
  const [offer, ownOffer, own, boot] = recordedFrames('uefi-pxe')
  if (!offer || !ownOffer || !own || !boot) throw new Error('the recording has four frames')
  // Without parameters: it would take the first one for the size of the file.
  const told = { addresses: [UEFI.address], bootFile: 'tftp://[2001:db8::9]/ipxe.efi', bootParameters: [] }
  await withRawClient6(world.node.guest(UEFI.vmid).port(), async client => {
    expect(await client.send(offer)).toMatchObject(told)
    expect(await client.send(ownOffer)).toMatchObject({ addresses: [UEFI.address], bootFile: undefined })
    expect(await client.send(own)).toMatchObject({ type: TYPE.reply, addresses: [UEFI.address] })
    const until = ({ addresses }: Told6) => addresses.length > 0
    const given = await client.send(boot, { until, everyMs: 1000, timeoutMs: 20_000 })
    expect(given).toMatchObject({ ...told, type: TYPE.reply })
  })
})

test('a UEFI that boots by HTTP is told a URL, parameters, and that this is for it', async () => {
  const bootFile = 'http://[2001:db8::9]/ipxe.efi'
  world.tree.policy(policyWith(bootFile))
  const expected = {
    addresses: [UEFI.address],
    bootFile,
    bootParameters: ['quiet', 'a,b'],
    vendorClass: 'HTTPClient',
  }
  await withRawClient6(world.node.guest(UEFI.vmid).port(), async client => {
    const until = (told: Told6) => told.bootFile === bootFile && told.addresses.length > 0
    const asked = { options: httpBootOptions(), until, timeoutMs: 20_000 }
    const duid = Buffer.from('00043e2d1c6f5a4b78698796a5b4c3d2e1f0', 'hex')
    expect(await client.ask(TYPE.solicit, { duid }, asked)).toMatchObject(expected)
  })
})
