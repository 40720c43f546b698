import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Access } from './access.ts'
import { createToken, isNodeSecret, makeNodeSecret, nodeSecret, readTokens, removeToken } from './tokens.ts'

/** Unix seconds. */
const NOW = 1_800_000_000
const HOUR = 3600

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}
const newKeys = (): Keys => generateKeyPairSync('rsa', { modulusLength: 2048 })
const KEYS = newKeys()
const FORMER = newKeys()
const STRANGER = newKeys()

let root: string
let access: Access
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'guestnet-'))
  mkdirSync(join(root, 'priv'))
  access = new Access(root, () => NOW * 1000)
  // Rotated two hours ago.
  writeKey('authkey.pub', KEYS, NOW - 2 * HOUR)
  writeKey('authkey.pub.old', FORMER, NOW - 2 * HOUR)
  writeFileSync(
    join(root, 'user.cfg'),
    [
      'user:root@pam:1:0:::::',
      'user:alice@pve:1:0:Alice:::::',
      'user:bob@pve:0:0::::::',
      `user:carol@pve:1:${NOW - 1}::::::`,
      `user:dave@pve:1:${NOW + 1}::::::`,
      'group:admins:alice@pve,eve@pve::',
      '',
    ].join('\n'),
  )
})
afterEach(() => rmSync(root, { recursive: true }))

function writeKey(name: string, { publicKey }: Keys, time: number): void {
  const path = join(root, name)
  writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }))
  utimesSync(path, time, time)
}

/** As PVE::Ticket::assemble_rsa_ticket makes one. */
function ticket(data: string, time: number, { privateKey }: Keys = KEYS, digest = 'RSA-SHA1'): string {
  const plain = `PVE:${data}:${time.toString(16).toUpperCase().padStart(8, '0')}`
  return `${plain}::${sign(digest, Buffer.from(plain), privateKey).toString('base64')}`
}

const FRESH = NOW - 60
const ALL = ['alice@pve', 'bob@pve', 'carol@pve', 'dave@pve', 'eve@pve']
const ok = (who: string) => ({ ok: true, who })
const UNKNOWN = { ok: false, why: 'unknown' }
const FORBIDDEN = { ok: false, why: 'forbidden' }

describe('a ticket of Proxmox VE', () => {
  test('lets root@pam in, and whom the policy names', () => {
    expect(access.byTicket(ticket('root@pam', FRESH), [])).toEqual(ok('root@pam'))
    expect(access.byTicket(ticket('alice@pve', FRESH), ALL)).toEqual(ok('alice@pve'))
    expect(access.byTicket(ticket('alice@pve', FRESH), [])).toEqual(FORBIDDEN)
  })

  test('of somebody who is disabled, has expired or is gone lets nobody in', () => {
    for (const user of ['bob@pve', 'carol@pve', 'eve@pve'])
      expect(access.byTicket(ticket(user, FRESH), ALL)).toEqual(FORBIDDEN)
    expect(access.byTicket(ticket('dave@pve', FRESH), ALL)).toEqual(ok('dave@pve'))
  })

  test.each([
    ['two hours', NOW - 2 * HOUR + 1, true],
    ['more than two hours', NOW - 2 * HOUR - 1, false],
    ['five minutes of a clock that is ahead', NOW + 300, true],
    ['more than that', NOW + 301, false],
  ])('is good for %s: %i', (_, time, isGood) => {
    expect(access.byTicket(ticket('root@pam', time), []).ok).toBe(isGood)
  })

  test('of the key before is good if it was made before the rotation', () => {
    writeKey('authkey.pub', KEYS, NOW - HOUR)
    writeKey('authkey.pub.old', FORMER, NOW - HOUR)
    expect(access.byTicket(ticket('root@pam', NOW - HOUR, FORMER), []).ok).toBe(true)
    expect(access.byTicket(ticket('root@pam', NOW - HOUR + 301, FORMER), []).ok).toBe(false)
    // The new key has signed nothing before it was there.
    expect(access.byTicket(ticket('root@pam', NOW - HOUR - 301), []).ok).toBe(false)
  })

  test('follows a rotation of the keys', () => {
    const next = newKeys()
    const old = ticket('root@pam', FRESH)
    expect(access.byTicket(old, []).ok).toBe(true)
    writeKey('authkey.pub', next, NOW)
    writeKey('authkey.pub.old', KEYS, NOW)
    expect(access.byTicket(old, []).ok).toBe(true)
    expect(access.byTicket(ticket('root@pam', NOW, next), []).ok).toBe(true)
    expect(access.byTicket(ticket('root@pam', FRESH, FORMER), []).ok).toBe(false)
  })

  test.each([
    ['signed by somebody else', () => ticket('root@pam', FRESH, STRANGER)],
    ['signed with another digest', () => ticket('root@pam', FRESH, KEYS, 'RSA-SHA256')],
    ['changed after it was signed', () => ticket('alice@pve', FRESH).replace('alice@pve', 'root@pam')],
    [
      'made younger after it was signed',
      () => {
        const old = ticket('root@pam', NOW - 3 * HOUR)
        const hex = (time: number) => time.toString(16).toUpperCase()
        return old.replace(hex(NOW - 3 * HOUR), hex(FRESH))
      },
    ],
    ['without a signature', () => ticket('root@pam', FRESH).replace(/::.*/, '::')],
    ['with half a signature', () => ticket('root@pam', FRESH).slice(0, -20)],
    ['of another kind', () => ticket('root@pam', FRESH).replace('PVE:', 'PVEVNC:')],
    ['waiting for a second factor', () => ticket('!tfa!%7B%22totp%22%3Atrue%7D', FRESH)],
    ['waiting for a second factor, as it was once', () => ticket('tfa!root@pam', FRESH)],
    ['waiting for a key', () => ticket('u2f!root@pam!challenge', FRESH)],
    ['waiting for a key, with more behind', () => ticket('u2f!root@pam!verified!no', FRESH)],
    ['of nobody', () => ticket('', FRESH)],
    ['of no realm', () => ticket('root', FRESH)],
    ['with a broken escape', () => ticket('root%GG@pam', FRESH)],
    ['of nonsense', () => 'PVE'],
    ['of nothing', () => ''],
    ['of a megabyte', () => `PVE:${'a'.repeat(1_000_000)}:00000000::A`],
  ])('%s proves nothing', (_, make) => {
    expect(access.byTicket(make(), ALL)).toEqual(UNKNOWN)
  })

  test('whose second factor was given is as good as any', () => {
    expect(access.byTicket(ticket('u2f!root@pam!verified', FRESH), [])).toEqual(ok('root@pam'))
  })

  test('proves nothing where there is no key, or half of one', () => {
    writeFileSync(join(root, 'authkey.pub'), '-----BEGIN PUBLIC KEY-----\n')
    rmSync(join(root, 'authkey.pub.old'))
    expect(access.byTicket(ticket('root@pam', FRESH), [])).toEqual(UNKNOWN)
  })
})

describe('a token', () => {
  test('lets a machine in until it is removed', () => {
    const secret = createToken(root, 'prometheus')
    expect(access.byToken(secret)).toEqual(ok('token prometheus'))
    expect(access.byToken(`${secret}x`)).toEqual(UNKNOWN)
    expect(JSON.stringify(readTokens(root))).not.toContain(secret)
    expect(removeToken(root, 'prometheus')).toBe(true)
    expect(removeToken(root, 'prometheus')).toBe(false)
    expect(access.byToken(secret)).toEqual(UNKNOWN)
  })

  test('that is made again is another one, and others stay', () => {
    const other = createToken(root, 'other')
    const former = createToken(root, 'prometheus')
    const secret = createToken(root, 'prometheus')
    expect(access.byToken(former)).toEqual(UNKNOWN)
    expect(access.byToken(secret)).toEqual(ok('token prometheus'))
    expect(access.byToken(other)).toEqual(ok('token other'))
  })

  test('of the nodes is made once', () => {
    expect(nodeSecret(root)).toBeUndefined()
    makeNodeSecret(root)
    const secret = nodeSecret(root) ?? ''
    makeNodeSecret(root)
    expect(nodeSecret(root)).toBe(secret)
    expect(secret).toHaveLength(43)
    expect(isNodeSecret(root, secret)).toBe(true)
    expect(access.byToken(secret).ok).toBe(true)
  })

  test('is nobody’s where the file is broken', () => {
    const secret = createToken(root, 'prometheus')
    writeFileSync(join(root, 'priv/guestnet/tokens.json'), '[{')
    expect(access.byToken(secret)).toEqual(UNKNOWN)
    expect(access.byToken('')).toEqual(UNKNOWN)
  })
})
