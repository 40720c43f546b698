import { expect, test } from 'vitest'
import { parsePolicy } from './policy.ts'

function read(http: string) {
  const result = parsePolicy(`http: ${http}\n`, 'guestnet.yaml')
  return result.ok ? result.policy.http : result.problems.map(({ message }) => message)
}

test('says where everybody may look, and who', () => {
  expect(read('{listen: "[::]:8068", users: [alice@pve, bob@ldap.example]}')).toEqual({
    listen: { address: '::', port: 8068 },
    users: ['alice@pve', 'bob@ldap.example'],
  })
  expect(read('{listen: "0.0.0.0:8068"}')).toEqual({ listen: { address: '0.0.0.0', port: 8068 }, users: [] })
})

test.each([
  ['{}', '`http.listen` is missing'],
  ['{listen: 8068}', '`http.listen` must be'],
  ['{listen: "pve1:8068"}', '`http.listen` must be'],
  ['{listen: "[::]:8068", users: [alice]}', '`http.users[0]` must be a user of Proxmox'],
  ['{listen: "[::]:8068", users: alice@pve}', '`http.users` must be a list of users'],
  ['{listen: "[::]:8068", user: [alice@pve]}', '`http.user` is not a known key'],
])('%s is refused', (text, message) => expect(read(text)).toEqual([expect.stringContaining(message)]))
