import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localNode } from './localNode.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-local-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('is where the link of pmxcfs leads', async () => {
  symlinkSync('nodes/pve7', join(root, 'local'))
  expect(await localNode(root)).toBe('pve7')
})

test.each(['elsewhere', '/etc/pve/nodes/pve7', 'nodes/a/b'])('is nothing that %s could say', async target => {
  symlinkSync(target, join(root, 'local'))
  expect(await localNode(root)).toBeUndefined()
})

test('is unknown in a tree without it', async () => {
  expect(await localNode(root)).toBeUndefined()
})
