import type { Brand } from './brand.ts'

/** A BGP community in decimal, no leading zeros: `65000:100` (RFC 1997) or, large, `65000:1:2` (RFC 8092). */
export type Community = Brand<string, 'Community'>

const LARGEST = { standard: 0xffff, large: 0xffff_ffff }

/** Reads two numbers of 16 bits or three of 32 bits, separated by colons; `undefined` for anything else. */
export function parseCommunity(text: string): Community | undefined {
  if (!/^(?:(?:0|[1-9][0-9]{0,9}):){1,2}(?:0|[1-9][0-9]{0,9})$/.test(text)) return undefined
  const parts = text.split(':').map(Number)
  const largest = parts.length === 2 ? LARGEST.standard : LARGEST.large
  return parts.every(part => part <= largest) ? (text as Community) : undefined
}
