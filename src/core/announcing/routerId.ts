import { createHash } from 'node:crypto'
import { type Ipv4, isUnicast4, octetsOf } from '../values/address.ts'

/**
 * How BGP knows a node that was given no identifier (RFC 6286: any number but zero, unique within the AS): its lowest
 * IPv4 address, else a number made of its name. `shared` are addresses that all nodes have.
 */
export function chooseRouterId(node: string, addresses: readonly Ipv4[], shared: ReadonlySet<string>): Ipv4 {
  const own = addresses.filter(
    address => isUnicast4(address) && !address.startsWith('169.254.') && !shared.has(address),
  )
  const [lowest] = own.toSorted((a, b) => numberOf(a) - numberOf(b))
  if (lowest) return lowest
  const [a = 1, b = 0, c = 0, d = 1] = createHash('sha256').update(node).digest()
  return [(a % 223) + 1, b, c, d].join('.') as Ipv4
}

function numberOf(address: Ipv4): number {
  return octetsOf(address).reduce((value, octet) => value * 256 + octet, 0)
}
