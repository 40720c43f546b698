import type { OwnAddresses } from '../core/advertising/router.ts'
import { parseIpv6 } from '../core/values/address.ts'
import { groupBy } from '../core/values/collection.ts'
import { memoOfText } from '../core/values/memo.ts'
import { readText } from '../os/files.ts'

/**
 * The node's IPv6 addresses, by link: a file of one line each, where Node.js (`networkInterfaces`) asks the kernel for every link, and
 * guests' ports have none.
 */
export function observeAddresses6(): OwnAddresses {
  const file = readText('/proc/net/if_inet6')
  return parseAddresses6(file.ok ? file.text : '')
}

/** Reads /proc/net/if_inet6, proc(5): address, number of the link, length, scope and flags in hexadecimal, and the link's name. */
export const parseAddresses6 = memoOfText((text: string): OwnAddresses => {
  const found = text.split('\n').flatMap(line => {
    const [digits = '', , , , , link] = line.trim().split(/ +/)
    const address = parseIpv6(digits.match(/.{4}/g)?.join(':') ?? '')
    return address && link !== undefined ? [{ link, address }] : []
  })
  const byLink = groupBy(found, ({ link }) => link)
  return new Map([...byLink].map(([link, own]) => [link, own.map(({ address }) => address)]))
}, 1)
