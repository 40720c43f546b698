import type { Ipv4 } from '../core/values/address.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'

/** An ARP probe (RFC 5227, section 2.1.1): asks who has an address without claiming one, so no cache learns from it. */
export function arpProbe(own: Mac, address: Ipv4): string {
  const mac = own.replaceAll(':', '')
  return `ffffffffffff${mac}0806${'0001080006040001'}${mac}00000000000000000000${hexOf(address)}`.padEnd(
    120,
    '0',
  )
}

/** Who says in a frame that it has the address. */
export function holderIn(frame: string, address: Ipv4): Mac | undefined {
  if (frame.slice(24, 28) !== '0806' || frame.slice(40, 44) !== '0002') return undefined
  if (frame.slice(56, 64) !== hexOf(address)) return undefined
  return parseMac((frame.slice(44, 56).match(/../g) ?? []).join(':'))
}

function hexOf(address: Ipv4): string {
  return address
    .split('.')
    .map(octet => Number(octet).toString(16).padStart(2, '0'))
    .join('')
}
