import { expect, test } from 'vitest'
import { prefixOf } from '../../test/routings.ts'
import { checkForwarding } from './forwarding.ts'

const HOST = { ipv4: false, ipv6: false, advertised: [{ device: 'vmbr0', acceptRa: '1' }] }

function states(prefixes: string[], observed = HOST, sysctl = false): string[] {
  const networks = [{ bridge: 'vmbr0', prefixes: prefixes.map(prefixOf) }]
  return checkForwarding({ table: 100, notes: 'off', sysctl, networks }, observed).map(
    ({ state, name }) => `${state} ${name}`,
  )
}

test('what an administrator has to set is told with the line to write, advertisements first', () => {
  expect(states(['203.0.113.0/24', '2001:db8::/48'])).toEqual([
    'doubtful net.ipv6.conf.vmbr0.accept_ra',
    'bad net.ipv6.conf.all.forwarding',
    'bad net.ipv4.ip_forward',
  ])
  const [check] = checkForwarding(
    {
      table: 100,
      notes: 'off',
      sysctl: false,
      networks: [{ bridge: 'vmbr0', prefixes: [prefixOf('203.0.113.0/24')] }],
    },
    HOST,
  )
  expect(check?.remedy).toContain('"net.ipv4.ip_forward = 1"')
})

test('a family that is not announced does not matter, and what guestnet sets itself is not bad', () => {
  expect(states(['203.0.113.0/24'])).toEqual(['bad net.ipv4.ip_forward'])
  expect(states(['203.0.113.0/24'], HOST, true)).toEqual(['doubtful net.ipv4.ip_forward'])
  expect(states(['203.0.113.0/24'], { ...HOST, ipv4: true })).toEqual(['good net.ipv4.ip_forward'])
})
