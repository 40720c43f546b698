import type { Brand } from './brand.ts'

/** A unicast hardware address, lower-case with colons: `52:54:00:9e:cc:1e`. */
export type Mac = Brand<string, 'Mac'>

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/

/** Reads six colon-separated hex pairs, any case; `undefined` for anything else and for group addresses. */
export function parseMac(text: string): Mac | undefined {
  const lower = text.toLowerCase()
  if (!MAC.test(lower)) return undefined
  const firstOctet = Number.parseInt(lower.slice(0, 2), 16)
  return firstOctet % 2 === 0 ? (lower as Mac) : undefined
}
