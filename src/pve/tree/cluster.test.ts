import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Tree } from '../../../lab/tree.ts'
import { type Cluster, ClusterTree } from './cluster.ts'

const NODES = ['pve1', 'pve2']

let folder: string
let root: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
  root = join(folder, 'pve')
})
afterEach(() => rmSync(folder, { recursive: true }))

function textOf(name: string): string {
  return `name: ${name}\nnet0: virtio=52:54:00:9E:CC:1E,bridge=vmbr0\nipconfig0: ip=192.0.2.5/24\n`
}

/** Each guest's place and name. */
function guestsOf({ guests }: Cluster): string[] {
  return guests.map(({ guest }) => `${guest.node} ${guest.vmid} ${guest.name}`).toSorted()
}

describe.each([
  ['a plain tree', true],
  ['a tree kept by pmxcfs', false],
])('%s', (_, plain) => {
  let tree: Tree
  let cluster: ClusterTree
  beforeEach(() => {
    tree = new Tree(root, { nodes: NODES, plain })
    cluster = new ClusterTree(root, 'pve1')
  })

  test('without guests is complete', () => {
    expect(cluster.read()).toMatchObject({ guests: [], complete: true, problems: [] })
  })

  test('has the guests of all nodes', () => {
    tree.write('pve1', 'qemu', 100, textOf('here'))
    tree.write('pve2', 'lxc', 101, 'hostname: there\n')
    expect(guestsOf(cluster.read())).toEqual(['pve1 100 here', 'pve2 101 there'])
  })

  test('shows an edit, a move and a removal', () => {
    tree.write('pve1', 'qemu', 100, textOf('before'))
    cluster.read()
    tree.edit(100, () => textOf('after'))
    expect(guestsOf(cluster.read())).toEqual(['pve1 100 after'])
    tree.move(100, 'pve2')
    expect(guestsOf(cluster.read())).toEqual(['pve2 100 after'])
    tree.remove(100)
    expect(guestsOf(cluster.read())).toEqual([])
  })

  test('keeps a guest whose file is empty for a moment, and says so', async () => {
    tree.write('pve1', 'qemu', 100, textOf('before'))
    cluster.read()
    const written = tree.writeInPlace('pve1', 'qemu', 100, textOf('after'), 20)
    const meanwhile = cluster.read()
    expect(guestsOf(meanwhile)).toEqual(['pve1 100 before'])
    expect(meanwhile).toMatchObject({ complete: true, problems: [{ code: 'config-unreadable', vmid: 100 }] })
    expect([...meanwhile.unreadable]).toEqual([100])
    await written
    expect(guestsOf(cluster.read())).toEqual(['pve1 100 after'])
    expect(cluster.read().problems).toEqual([])
  })

  test('is not complete while it is not mounted, and loses no guest by that', () => {
    tree.write('pve1', 'qemu', 100, textOf('here'))
    cluster.read()
    renameSync(root, `${root}.away`)
    mkdirSync(root)
    const meanwhile = cluster.read()
    expect(meanwhile).toMatchObject({ complete: false, problems: [{ code: 'cluster-unreadable' }] })
    expect(guestsOf(meanwhile)).toEqual(['pve1 100 here'])
    rmSync(root, { recursive: true })
    renameSync(`${root}.away`, root)
    expect(cluster.read()).toMatchObject({ complete: true, problems: [] })
  })

  test('that never was there is not complete', () => {
    expect(new ClusterTree(join(root, 'nowhere'), 'pve1').read().complete).toBe(false)
    expect(new ClusterTree(root, 'pve9').read().complete).toBe(false)
  })

  test('has another mark after each change of a guest, and else the same', () => {
    tree.write('pve1', 'qemu', 100, textOf('web'))
    const marks = [cluster.changeMark()]
    expect(cluster.changeMark()).toBe(marks[0])
    for (const change of [
      () => tree.edit(100, text => `${text}memory: 512\n`),
      () => tree.move(100, 'pve2'),
      () => tree.remove(100),
    ]) {
      change()
      marks.push(cluster.changeMark())
    }
    expect(new Set(marks).size).toBe(4)
  })
})

describe('a tree kept by pmxcfs', () => {
  let tree: Tree
  let cluster: ClusterTree
  beforeEach(() => {
    tree = new Tree(root, { nodes: NODES })
    cluster = new ClusterTree(root, 'pve1')
  })

  test('has the guests of its list, whatever else lies about', () => {
    tree.write('pve1', 'qemu', 100, textOf('listed'))
    writeFileSync(join(root, 'nodes/pve1/qemu-server/101.conf'), textOf('stray'))
    expect(guestsOf(cluster.read())).toEqual(['pve1 100 listed'])
  })

  test.each(['', '{"version": 3, "ids": {"100": {"no'])('is not complete while its list is %j', text => {
    tree.write('pve1', 'qemu', 100, textOf('here'))
    cluster.read()
    writeFileSync(join(root, '.vmlist'), text)
    const meanwhile = cluster.read()
    expect(meanwhile.complete).toBe(false)
    expect(guestsOf(meanwhile)).toEqual(['pve1 100 here'])
  })

  test('is still one while its .version cannot be read', () => {
    tree.write('pve1', 'qemu', 100, textOf('here'))
    cluster.read()
    tree.hideVersion()
    rmSync(join(root, '.vmlist'))
    expect(cluster.read().complete).toBe(false)
    expect(cluster.changeMark()).toBe('gone')
  })

  test('shows an edit elsewhere although a restart of pmxcfs gave the guest its former version again', () => {
    tree.write('pve2', 'qemu', 100, textOf('before'))
    cluster.read()
    tree.edit(100, () => textOf('after'))
    tree.restartPmxcfs()
    expect(guestsOf(cluster.read())).toEqual(['pve2 100 after'])
  })

  test('shows an edit here that pmxcfs did not count', () => {
    tree.write('pve1', 'qemu', 100, textOf('before'))
    cluster.read()
    writeFileSync(tree.find(100).path, textOf('after'))
    expect(guestsOf(cluster.read())).toEqual(['pve1 100 after'])
  })

  test('has another mark after a restart of pmxcfs', () => {
    const before = cluster.changeMark()
    tree.restartPmxcfs()
    expect(cluster.changeMark()).not.toBe(before)
  })
})

test('of a guest that a copied tree has twice this node’s own counts', () => {
  for (const node of NODES) {
    mkdirSync(join(root, 'nodes', node, 'qemu-server'), { recursive: true })
    writeFileSync(join(root, 'nodes', node, 'qemu-server', '100.conf'), textOf(node))
  }
  expect(guestsOf(new ClusterTree(root, 'pve1').read())).toEqual(['pve1 100 pve1'])
  expect(guestsOf(new ClusterTree(root, 'pve2').read())).toEqual(['pve2 100 pve2'])
})

test('a plain tree’s files are read once while they stay the same', () => {
  const tree = new Tree(root, { nodes: ['pve1'], plain: true })
  const cluster = new ClusterTree(root, 'pve1')
  const write = (name: string) => {
    tree.write('pve1', 'qemu', 100, textOf(name))
    utimesSync(tree.find(100).path, 1_700_000_000, 1_700_000_000)
    return guestsOf(cluster.read())
  }
  expect(write('one')).toEqual(['pve1 100 one'])
  expect(write('two')).toEqual(['pve1 100 one'])
  expect(write('three')).toEqual(['pve1 100 three'])
})

test('guests that run and vnets with a DHCP server are read with the rest', () => {
  const tree = new Tree(root, { nodes: ['pve1'] })
  const cluster = new ClusterTree(root, 'pve1')
  expect(cluster.running()).toBeUndefined()
  expect(cluster.read().vnetsWithDhcp).toEqual(new Set())
  writeFileSync(join(root, '.rrd'), 'pve2.3-vm/100:3600:web:running\n')
  const sdn = {
    zones: { ids: { z: { dhcp: 'dnsmasq', ipam: 'pve' } } },
    vnets: { ids: { vnet1: { zone: 'z' }, vnet2: { zone: 'z' }, vnet3: { zone: 'z' } } },
    subnets: {
      ids: {
        'z-10.0.0.0-24': { vnet: 'vnet1', gateway: '10.0.0.1' },
        'z-2001:db8::-64': { vnet: 'vnet2', gateway: '2001:db8::1' },
      },
    },
  }
  tree.writeFile('sdn/.running-config', JSON.stringify(sdn))
  expect(cluster.running()).toEqual(new Set([100]))
  expect(cluster.read().vnetsWithDhcp).toEqual(new Set(['vnet1']))
})

test('a tree that hangs is noticed without hanging, and again when it answers', async () => {
  mkdirSync(root)
  const version = join(root, '.version')
  execFileSync('mkfifo', [version])
  const cluster = new ClusterTree(root, 'pve1')
  expect(await cluster.isResponsive(30)).toBe(false)
  expect(cluster.stale().complete).toBe(false)
  writeFileSync(version, '{}')
  expect(await cluster.isResponsive(1000)).toBe(true)
})

test('a tree that answers is not taken for one that hangs by a process that hardly ever runs', async () => {
  new Tree(root, { nodes: NODES })
  const cluster = new ClusterTree(root, 'pve1')
  let next: NodeJS.Immediate | undefined
  const beBusy = () => {
    const end = performance.now() + 100
    while (performance.now() < end);
    next = setImmediate(beBusy)
  }
  beBusy()
  expect(await cluster.isResponsive(50)).toBe(true)
  clearImmediate(next)
})

describe('where nothing rang for guests’ files', () => {
  let tree: Tree
  let cluster: ClusterTree
  /** Written past pmxcfs, whose list does not tell of it; old enough not to change again unseen. */
  const writePast = (name: string) => {
    const { path } = tree.find(100)
    writeFileSync(path, textOf(name))
    utimesSync(path, 1000, 1000)
  }
  beforeEach(() => {
    tree = new Tree(root, { nodes: NODES })
    cluster = new ClusterTree(root, 'pve1')
    tree.write('pve1', 'qemu', 100, textOf('before'))
    utimesSync(tree.find(100).path, 2000, 2000)
    cluster.read()
  })

  test('the list of pmxcfs is enough, once no file is fresh', () => {
    writePast('fresh')
    expect(guestsOf(cluster.read(false))).toEqual(['pve1 100 fresh'])
    cluster.read()
    writePast('after')
    utimesSync(tree.find(100).path, 3000, 3000)
    expect(guestsOf(cluster.read(false))).toEqual(['pve1 100 fresh'])
    expect(guestsOf(cluster.read())).toEqual(['pve1 100 after'])
  })

  test('what the list tells is read', () => {
    cluster.read()
    tree.edit(100, () => textOf('after'))
    expect(guestsOf(cluster.read(false))).toEqual(['pve1 100 after'])
  })
})
