import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { asUser, hasProfile, userNamed } from './unprivileged.ts'

const folder = mkdtempSync(join(tmpdir(), 'guestnet-passwd-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a user is found by its whole name, and one that is not there is none', () => {
  const passwd = join(folder, 'passwd')
  writeFileSync(passwd, 'root:x:0:0:root:/root:/bin/sh\n_kea:x:105:107::/x:/y\n_kea2:x:1:1\nodd:x::\n')
  expect(userNamed('_kea', passwd)).toEqual({ uid: 105, gid: 107 })
  for (const name of ['kea', 'odd', '']) expect(userNamed(name, passwd)).toBeUndefined()
  expect(userNamed('_kea', join(folder, 'absent'))).toBeUndefined()
})

test('a command that is run as a user keeps the capabilities named and no others', () => {
  const words = asUser({ uid: 105, gid: 107 }, ['net_raw', 'net_bind_service'])
  expect(words).toContain('--reuid=105')
  expect(words).toContain('--regid=107')
  for (const set of ['inh-caps', 'ambient-caps', 'bounding-set'])
    expect(words).toContain(`--${set}=-all,+net_raw,+net_bind_service`)
})

test('a profile of AppArmor is known by its whole name, in whichever mode', () => {
  const profiles = join(folder, 'profiles')
  writeFileSync(profiles, 'kea-dhcp4 (enforce)\nkea-lfc (complain)\n')
  expect(['kea-dhcp4', 'kea-lfc'].map(name => hasProfile(name, profiles))).toEqual([true, true])
  expect(['kea-dhcp', 'kea'].map(name => hasProfile(name, profiles))).toEqual([false, false])
  expect(hasProfile('kea-dhcp4', join(folder, 'absent'))).toBe(false)
})
