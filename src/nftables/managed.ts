import { ADVERTISER_MAC } from '../core/advertising/names.ts'
import { chainOfRouters, MANAGED, PRIORITY } from './names.ts'

/** The flag M in the ICMPv6 header, RFC 4861, section 4.2: of the word at 32 bits that is this. */
const M = 0x80
const FLAGS = '@th,40,8'
const CHECKSUM = '@th,16,16'

/**
 * Other routers' advertisements on their way to a port: counted, and given the M flag, since the guest's addresses do come by
 * DHCPv6 and a host goes by what it heard last (docs/decisions/0014). guestnet's own have it.
 */
export function renderRouters(link: string, table: string): string[] {
  const chain = `netdev ${table} ${chainOfRouters(link)}`
  return [
    `add chain ${chain} { type filter hook egress device "${link}" priority ${PRIORITY}; }`,
    `add rule ${chain} ether type ip6 ether saddr != ${ADVERTISER_MAC} icmpv6 type nd-router-advert counter goto ${MANAGED}`,
  ]
}

/** With its link the chain went, or not, as the kernel has it. To add one that is there changes nothing. */
export function removeRouters(link: string, table: string): string[] {
  const chain = `netdev ${table} ${chainOfRouters(link)}`
  return [`add chain ${chain}`, `flush chain ${chain}`, `delete chain ${chain}`]
}

/**
 * nftables corrects checksums of fields that it knows only, and of router advertisements it knows none. But M is one bit: where
 * it is set, the sum grows by 0x80, and the checksum, its complement, has to lose 0x80. To subtract a bit is to clear the
 * lowest bit from there on that is set, and to set those passed on the way; if none is set, it is found from the other end
 * (RFC 1071: the sum is one's complement). One rule each, and one for zero.
 */
export function renderManaged(table: string): string[] {
  const chain = `netdev ${table} ${MANAGED}`
  return [`flush chain ${chain}`, ...MANAGED_RULES.map(rule => `add rule ${chain} ${rule}`)]
}

/** By the lowest bit that is set from M on, going round: which bits tell that it is, and which change. */
export function borrows(): { looked: number; found: number; changed: number }[] {
  const bits = Array.from({ length: 16 }, (_, index) => 2 ** ((Math.log2(M) + index) % 16))
  return bits.map((found, index) => {
    const passed = bits.slice(0, index + 1).reduce((sum, bit) => sum + bit, 0)
    return { looked: passed, found, changed: passed }
  })
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

export const MANAGED_RULES = [
  `${FLAGS} & ${hex(M)} == ${hex(M)} accept`,
  `${FLAGS} set ${FLAGS} | ${hex(M)}`,
  ...borrows().map(
    ({ looked, found, changed }) =>
      `${CHECKSUM} & ${hex(looked)} == ${hex(found)} ${CHECKSUM} set ${CHECKSUM} ^ ${hex(changed)} accept`,
  ),
  `${CHECKSUM} set ${hex(0xffff - M)}`,
]
