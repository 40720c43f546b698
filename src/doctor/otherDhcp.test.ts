import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { portsOfBridges } from './otherDhcp.ts'

test('a bridge is asked by its port, be that a bond, and never by the links of the bond', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
  try {
    for (const path of ['eno1', 'eno2', 'bond0/brport', 'eno3/brport'])
      mkdirSync(join(folder, path), { recursive: true })
    expect(portsOfBridges(['eno1', 'eno2', 'bond0', 'eno3', 'gone'], folder)).toEqual(['bond0', 'eno3'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
