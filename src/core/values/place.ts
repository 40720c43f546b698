import { isIP } from 'node:net'

/** Where a server listens. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** Reads `ADDRESS:PORT`, an IPv6 address in brackets; `undefined` for anything else. */
export function parsePlace(text: string): Place | undefined {
  const [, ipv6, ipv4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const address = ipv6 ?? ipv4 ?? ''
  const port = Number(digits)
  const isRight = isIP(address) === (ipv6 === undefined ? 4 : 6) && port >= 1 && port <= 65_535
  return isRight ? { address, port } : undefined
}

export function describePlace({ address, port }: Place): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** Whether only this node itself can reach it. */
export function isLoopback({ address }: Place): boolean {
  return address === '::1' || address.startsWith('127.')
}
