import { type Entry, NOWHERE } from '../../core/guard/entry.ts'
import type { Prefix6 } from '../../core/values/address.ts'
import { parseIpv6 } from '../../core/values/address.ts'
import { hexOf, rangeOf } from './hex.ts'
import { openChainOf } from './names.ts'

/** An element of a set or map: `add element netdev TABLE SET { KEY comment "…" : VALUE }`. */
export interface Element {
  readonly set: string
  readonly key: string
  readonly comment?: string
  readonly value?: string
}

export const EXTRA = 'extra'

/** The element that an entry of a port is. */
export function elementOf(link: string, entry: Entry): Element {
  const [kind = '', value = '', network = NOWHERE] = entry.split(' ')
  const port = `"${link}"`
  switch (kind) {
    case 'any-mac':
      return { set: 'any-mac', key: port }
    case 'router':
      return { set: 'routers', key: port }
    case 'mac':
      return { set: 'macs', key: `${port} . ${value}` }
    case 'ipv4':
      return { set: 'own4', key: `${port} . ${value}` }
    case 'extra-ipv4':
      return { set: 'own4', key: `${port} . ${value}`, comment: EXTRA }
    case 'ipv6':
      return { set: 'own6', key: `${port} . ${numberOf(value)}` }
    case 'extra-ipv6':
      return { set: 'own6', key: `${port} . ${numberOf(value)}`, comment: EXTRA }
    case 'prefix4':
      return { set: 'behind4', key: `${port} . ${value}` }
    case 'prefix6':
      return { set: 'behind6', key: `${port} . ${rangeOf(value as Prefix6).join('-')}` }
    case 'open4':
    case 'open6':
      return { set: kind, key: port, value: `goto ${openChainOf(value)}` }
    case 'tags':
      return { set: 'tags', key: `${port} . ${value}`, value: `goto ${openChainOf(network)}` }
    default:
      throw new Error(`no set has entries such as ${entry}`)
  }
}

function numberOf(text: string): string {
  const address = parseIpv6(text)
  if (address === undefined) throw new Error(`${text} is no IPv6 address`)
  return hexOf(address)
}
