import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withRawClient } from '../../lab/clients/raw.ts'
import { eventually } from '../../lab/eventually.ts'
import { DONE } from '../../src/core/values/result.ts'
import { KEA } from '../../src/kea/daemons.ts'
import { slotFiles } from '../../src/kea/directories.ts'
import { isKeaAt } from '../../src/kea/process.ts'
import { hasProfile, userNamed } from '../../src/os/unprivileged.ts'
import { birdOf, createBirdWorld, filesOf } from './birdWorld.ts'
import { createWorld, reportOf, runAgent, served, vm, type World } from './world.ts'

/** capabilities(7), as bits. */
const NET_BIND_SERVICE = 1n << 10n
const NET_ADMIN = 1n << 12n
const NET_RAW = 1n << 13n

/** What a process may do, as /proc/PID/status tells it. */
function privilegesOf(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const words = (key: string) =>
    new RegExp(`^${key}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/).filter(Boolean) ?? []
  const set = (key: string) => BigInt(`0x${words(key)[0]}`)
  return {
    uids: [...new Set(words('Uid').map(Number))],
    gids: [...new Set(words('Gid').map(Number))],
    groups: words('Groups'),
    effective: set('CapEff'),
    permitted: set('CapPrm'),
    bounding: set('CapBnd'),
    noNewPrivileges: words('NoNewPrivs')[0] === '1',
  }
}

/** What a process has that runs as a user, with these capabilities and no way to others. */
function only(name: string, capabilities: bigint, noNewPrivileges = true) {
  const user = userNamed(name)
  return {
    uids: [user?.uid],
    gids: [user?.gid],
    groups: [],
    effective: capabilities,
    permitted: capabilities,
    bounding: capabilities,
    noNewPrivileges,
  }
}

/** Permissions, owner and group of a file. */
function accessOf(path: string): [string, number, number] {
  const { mode, uid, gid } = statSync(path)
  return [(mode & 0o7777).toString(8), uid, gid]
}

describe('Kea', () => {
  let world: World

  beforeAll(async () => {
    world = await createWorld({ prefix: 'priv' })
    world.tree.write('pve1', 'qemu', 100, vm(100, { ip: '192.0.2.100/24', gw: '192.0.2.1' }))
    await world.node.startAll([100])
    await runAgent(world)
    await served(world, 100)
  })
  afterAll(() => world?.lab.close())

  const running = async () => {
    const isKnown = ({ pid, state }: { pid?: number; state: string }) =>
      pid !== undefined && state === 'answering'
    const { servers } = await reportOf(world, report => report.servers.some(isKnown))
    const [{ pid = 0, slot = 0 } = {}] = servers
    return { pid, files: slotFiles(world.node.runDir, slot, KEA.ipv4) }
  }

  test('serves as its own user, with the two capabilities it needs', async () => {
    const { pid } = await running()
    expect(privilegesOf(pid)).toEqual(only('_kea', NET_RAW | NET_BIND_SERVICE, !hasProfile('kea-dhcp4')))
    await withRawClient(world.node.guest(100).port(), async client => {
      expect(await client.exchange()).toMatchObject({ address: '192.0.2.100' })
    })
  })

  test('cannot write what it reads; others can read nothing', async () => {
    const { files } = await running()
    const { uid = 0, gid = 0 } = userNamed('_kea') ?? {}
    expect(accessOf(files.etc)).toEqual(['750', 0, gid])
    expect(accessOf(files.configFile)).toEqual(['640', 0, gid])
    expect(accessOf(files.run)).toEqual(['750', uid, gid])
    expect(accessOf(files.log)).toEqual(['750', uid, gid])
  })

  test('tidies its leases up', async () => {
    const { pid } = await running()
    await eventually(
      'kea-lfc has run',
      () => {
        const { mtimeMs } = statSync(`/proc/${pid}/root/var/lib/kea/kea-leases4.csv.2`)
        return mtimeMs > 0
      },
      { timeoutMs: 60_000, dump: () => world.lab.dump() },
    )
  }, 90_000)

  test('is known by its program, its user and its folder; one that only looks like it is not', async () => {
    const { pid, files } = await running()
    expect(isKeaAt(pid, files)).toBe(true)
    // The same folder, in a mount namespace of its own, and Kea's name.
    const script = join(world.lab.dir, 'kea-dhcp4')
    writeFileSync(script, '#!/bin/sh\nwhile :; do sleep 1; done\n', { mode: 0o755 })
    const mounts = `mount --bind ${files.etc} /etc/kea && exec "$@"`
    const pretend = (command: readonly string[]) =>
      world.node.spawn('pretender', 'unshare', [
        '--mount',
        'sh',
        '-c',
        `mkdir -p /etc/kea; ${mounts}`,
        'sh',
        ...command,
      ])
    const scripted = pretend([script])
    const stranger = pretend([
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      '/bin/sleep',
      '60',
    ])
    for (const { pid: other } of [scripted, stranger]) {
      await eventually(
        'it has the folder',
        () => statSync(`/proc/${other}/root/etc/kea`).ino === statSync(files.etc).ino,
      )
      expect(isKeaAt(other, files)).toBe(false)
    }
  })
})

describe('BIRD', () => {
  test('announces as its own user, with the capabilities of Debian’s own unit, and keeps its passwords from others', async () => {
    const world = await createBirdWorld('privb')
    try {
      const daemon = birdOf(world)
      expect(await daemon.start(filesOf(daemon))).toEqual(DONE)
      const bird = await daemon.observe()
      const pid = bird.state === 'running' ? bird.pid : 0
      expect(privilegesOf(pid)).toEqual(only('bird', NET_RAW | NET_BIND_SERVICE | NET_ADMIN))
      const { gid = 0 } = userNamed('bird') ?? {}
      expect(accessOf(daemon.paths.folder)).toEqual(['1770', 0, gid])
      for (const file of [daemon.paths.config, daemon.paths.guests4, daemon.paths.revision])
        expect(accessOf(file)).toEqual(['640', 0, gid])
      // It reads what root writes, and replaces a BIRD that was root's.
      expect(await daemon.configure(filesOf(daemon, { drain: true }))).toEqual(DONE)
    } finally {
      await world.lab.close()
    }
  })
})
