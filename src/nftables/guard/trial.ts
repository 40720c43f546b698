import type { Entry } from '../../core/guard/entry.ts'
import { quickOf } from '../../core/guard/quick.ts'
import type { Address } from '../../core/values/address.ts'
import { renderGuard } from './render.ts'

const ENTRIES = [
  'mac 52:54:00:00:00:01',
  'ipv4 192.0.2.5',
  'ipv6 2001:db8::5',
  'prefix4 192.0.2.0/24',
  'prefix6 2001:db8::/64',
  'open4 ffffffff',
  'tags 5-7 ffffffff',
] as readonly Entry[]

/** All that the guard asks of nftables, on one link and in a table of its own, for `nft -c`. */
export function renderGuardTrial(table: string, link: string): string[] {
  const held = ['192.0.2.6', '2001:db8::6'] as readonly string[] as readonly Address[]
  return [
    ...renderGuard({ kind: 'guard-create', mode: 'on', anew: false }, table),
    ...renderGuard({ kind: 'guard-network', network: 'ffffffff', make: 'new', add: held, remove: [] }, table),
    ...renderGuard(
      {
        kind: 'guard-port',
        link,
        label: 'trial',
        chain: 'new',
        quick: quickOf(new Set(ENTRIES)),
        add: ENTRIES,
        remove: [],
        forget: [],
      },
      table,
    ),
  ]
}
