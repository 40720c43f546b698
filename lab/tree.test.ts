import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Tree } from './tree.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tree-'))
})

afterEach(() => rmSync(root, { recursive: true }))

const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const text = (path: string) => readFileSync(join(root, path), 'utf8')

test('a plain tree has no files of pmxcfs', () => {
  const tree = new Tree(root, { nodes: ['pve1'], plain: true })
  tree.write('pve1', 'lxc', 100, 'hostname: a\n')
  expect(readdirSync(root)).toEqual(['nodes'])
  expect(text('nodes/pve1/lxc/100.conf')).toBe('hostname: a\n')
})

test('each kind of change counts as pmxcfs counts it', async () => {
  const tree = new Tree(root, { nodes: ['pve1', 'pve2'] })
  async function counted(change: () => void | Promise<void>): Promise<number> {
    const start: number = json('.version').vmlist
    await change()
    expect(json('.vmlist').version).toBe(json('.version').vmlist)
    return json('.version').vmlist - start
  }
  expect(await counted(() => tree.write('pve1', 'qemu', 100, 'name: a\n'))).toBe(1)
  expect(await counted(() => tree.edit(100, text => text.replace('a', 'b')))).toBe(1)
  expect(await counted(() => tree.writeInPlace('pve1', 'qemu', 100, 'name: c\n', 0))).toBe(2)
  expect(await counted(() => tree.move(100, 'pve2'))).toBe(2)
  expect(await counted(() => tree.policy('dhcp: {}\n'))).toBe(0)
  expect(json('.vmlist').ids).toMatchObject({ 100: { node: 'pve2', type: 'qemu' } })
  expect(text('nodes/pve2/qemu-server/100.conf')).toBe('name: c\n')
  expect(await counted(() => tree.remove(100))).toBe(1)
  expect(json('.vmlist')).not.toHaveProperty('ids')
})

test('a file written in place is empty for a moment', async () => {
  const tree = new Tree(root, { nodes: ['pve1'] })
  tree.write('pve1', 'qemu', 100, 'name: a\n')
  const written = tree.writeInPlace('pve1', 'qemu', 100, 'name: b\n', 5)
  await pause(0)
  expect(text('nodes/pve1/qemu-server/100.conf')).toBe('')
  await written
  expect(text('nodes/pve1/qemu-server/100.conf')).toBe('name: b\n')
})

test('a restart of pmxcfs starts over', () => {
  const tree = new Tree(root, { nodes: ['pve1'] })
  tree.write('pve1', 'qemu', 100, 'name: a\n')
  const { starttime } = json('.version')
  tree.restartPmxcfs()
  expect(json('.version').starttime).toBeGreaterThan(starttime)
  expect(json('.version').vmlist).toBe(1)
})

test('a guest has one file in the cluster', () => {
  const tree = new Tree(root, { nodes: ['pve1', 'pve2'] })
  tree.write('pve1', 'qemu', 100, 'name: a\n')
  expect(() => tree.write('pve2', 'qemu', 100, 'name: a\n')).toThrow('EEXIST')
})

test('no temporary file stays', () => {
  const tree = new Tree(root, { nodes: ['pve1'] })
  tree.write('pve1', 'qemu', 100, 'name: a\n')
  expect(readdirSync(join(root, 'nodes/pve1/qemu-server'))).toEqual(['100.conf'])
  expect(readdirSync(root).toSorted()).toEqual(['.members', '.version', '.vmlist', 'nodes'])
})
