import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import { advertisement, ipv6, linksOf } from '../../test/builders.ts'
import type { SoughtRouter } from '../core/advertising/router.ts'
import { RouterSearch } from './routerSearch.ts'

const sought = new Map<string, SoughtRouter>()
let told = 0
const search = new RouterSearch({
  sought,
  tell: () => {
    told++
  },
})
afterEach(() => search.stop())

test('where the node has no link in a VLAN that is known at once, told once, and forgotten with the guest', async () => {
  const { router: _, ...without } = advertisement(100, { network: { bridge: 'vmbr0', tag: 5 } })
  const guest = { ...without, unknownRouter: ipv6('2001:db8::1') }
  const surroundings = { links: linksOf('tap100i0', 'vmbr0') }
  for (let time = 0; time < 3; time++)
    search.keep([guest, { ...guest, soughtFor: ipv6('2001:db8::1') }], surroundings)
  await eventually('it is told', () => told > 0)
  search.keep([guest], surroundings)
  expect(Object.fromEntries(sought)).toEqual({
    '2001:db8::1 on vmbr0 VLAN 5': { failure: 'the node has no link in vmbr0 VLAN 5 to ask it from' },
  })
  expect(told).toBe(1)
  search.keep([advertisement(100)], surroundings)
  expect(sought.size).toBe(0)
})
