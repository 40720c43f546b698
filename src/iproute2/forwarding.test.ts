import { expect, test } from 'vitest'
import { acceptRaOf } from '../core/routing/forwarding.ts'
import { fileOf, parseAdvertised } from './forwarding.ts'

test('the links of default routes are told once each, also of those by several routers', () => {
  const routes = [
    { dst: 'default', gateway: 'fe80::1', dev: 'vmbr0', protocol: 'ra' },
    { dst: 'default', protocol: 'ra', nexthops: [{ dev: 'vmbr0' }, { dev: 'vmbr1.5' }] },
  ]
  expect(parseAdvertised(JSON.stringify(routes))).toEqual(['vmbr0', 'vmbr1.5'])
  expect(parseAdvertised('')).toEqual([])
})

test('the setting of a link with a dot in its name is found', () => {
  expect(fileOf(acceptRaOf('vmbr1.5'))).toBe('net/ipv6/conf/vmbr1.5/accept_ra')
})
