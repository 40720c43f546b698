import { describe, expect, test } from 'vitest'
import { toldOf } from './guestFile.ts'
import { secretsIn, withoutSecrets } from './secrets.ts'

const SECRET = 'correct horse, "battery"'

describe('a secret of the policy', () => {
  test.each([
    `bgp: {peers: [{name: a, password: ${JSON.stringify(SECRET)}}]}`,
    `bgp:\n  peers:\n    - name: a\n      password: '${SECRET}'\n`,
    `bgp:\n  peers:\n    - name: a\n      password: |\n        ${SECRET}\n`,
    `bgp:\n  peers:\n    - password: >-\n        ${SECRET}\n`,
    `bgp: {password: [${JSON.stringify(SECRET)}]}`,
  ])('is found however it is written: %j', yaml => {
    expect(secretsIn(yaml)).toEqual([SECRET])
    expect(withoutSecrets(yaml, secretsIn(yaml))).not.toMatch(/correct|horse|battery/)
  })

  test('is cut out wherever it turns up', () => {
    const text = `{"message":"must be shorter, not ${JSON.stringify(SECRET).slice(1, -1)}"} ${SECRET}`
    expect(withoutSecrets(text, [SECRET])).toBe('{"message":"must be shorter, not …"} …')
  })

  test.each([
    'bgp: {peers: [{password: hunter2hunter2',
    '  password "hunter2hunter2";',
    '  password "hun\\"ter2hunter2";',
    'password=hunter2hunter2',
    "{password: 'hunter2hunter2'}",
    'password: hunter2hunter2 # a comment',
    '"password":"hunter2hunter2"',
  ])('is cut out where nothing else is known of it: %s', text => {
    expect(withoutSecrets(text, [])).not.toContain('ter2')
  })

  test('of a single letter is cut out where it is written, and letters stay elsewhere', () => {
    expect(withoutSecrets('password: a\nname: banana', ['a'])).toBe('password: …\nname: banana')
  })
})

test.each([
  '$5$abc$defghi',
  '$6$rounds=5000$abc$def/ghi.',
  '$y$j9T$abc$def',
  '$2b$12$abcdefghijk',
  '$1$abc$def',
])('a hash is cut out: %s', hash => expect(withoutSecrets(`x ${hash} y`, [])).toBe('x … y'))

test('of a guest’s file only what matters is told', () => {
  const text = [
    '#a note with a pass phrase',
    'cipassword: $5$abc$def',
    'sshkeys: ssh-ed25519%20AAAA',
    'net0: virtio=52:54:00:00:00:64,bridge=vmbr0',
    'ipconfig0: ip=203.0.113.100/24',
    'args: -fw_cfg name=opt/secret,string=x',
    '[before]',
    'ciuser: alice',
    '',
  ].join('\n')
  expect(toldOf(text)).toBe(
    'net0: virtio=52:54:00:00:00:64,bridge=vmbr0\nipconfig0: ip=203.0.113.100/24\n[before]\n# 5 more lines were left out\n',
  )
})
