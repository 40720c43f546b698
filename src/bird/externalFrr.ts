import type { ExternalSettings } from '../core/announcing/birdSettings.ts'
import { type Family, familyOf } from '../core/values/family.ts'
import { isHost } from '../core/values/prefix.ts'
import { CANNOT_CARRY } from './cannotCarry.ts'

/**
 * For an administrator's FRR. From 10.1 bgpd reads a table of the kernel's directly (`redistribute table-direct`). Before,
 * zebra imports it, for IPv4 only, and also puts the routes into the main table (FRR documentation, "zebra", "BGP").
 */
export function renderFrrSnippet({ table, as, prefixes }: ExternalSettings, daemon: 'frr' | 'frr8'): string {
  const families: readonly Family[] = daemon === 'frr' ? ['ipv4', 'ipv6'] : ['ipv4']
  const lists = families.flatMap(family =>
    renderLists(
      family,
      prefixes.filter(prefix => familyOf(prefix) === family),
    ),
  )
  const source = daemon === 'frr' ? 'table-direct' : 'table'
  const redistribute = families.map(
    family => ` address-family ${family} unicast
  redistribute ${source} ${table} route-map guestnet-${family}
 exit-address-family`,
  )
  return `${[...renderHead(table, daemon), ...lists, `router bgp ${as}`, ...redistribute, 'exit'].join('\n')}\n`
}

function renderHead(table: number, daemon: 'frr' | 'frr8'): string[] {
  const told = `! Enter this with vtysh, in configuration mode. guestnet keeps the routes to its guests in the kernel's table ${table}.`
  const limits = CANNOT_CARRY.map(line => `! ${line}`)
  if (daemon === 'frr') return [told, ...limits, '! For FRR from 10.1 on.']
  return [
    told,
    ...limits,
    '! For FRR before 10.1, which cannot do so for IPv6, and has the routes in the main table as well.',
    `ip import-table ${table}`,
  ]
}

/** A prefix list without a match denies, and so does a route map. */
function renderLists(family: Family, prefixes: ExternalSettings['prefixes']): string[] {
  const words = family === 'ipv4' ? { list: 'ip', longest: 32 } : { list: 'ipv6', longest: 128 }
  const name = `guestnet-${family}`
  const entries = prefixes.map(prefix => `${prefix}${isHost(prefix) ? '' : ` le ${words.longest}`}`)
  return [
    ...entries.map(
      (entry, index) => `${words.list} prefix-list ${name} seq ${(index + 1) * 5} permit ${entry}`,
    ),
    ...(entries.length === 0 ? [`${words.list} prefix-list ${name} seq 5 deny any`] : []),
    `route-map ${name} permit 10`,
    ` match ${words.list} address prefix-list ${name}`,
    'exit',
  ]
}
