import { lengthOf, type Prefix } from '../core/address.ts'
import { familyOf } from '../core/routing.ts'

/** A prefix and everything inside it, as BIRD writes it in a prefix set. */
export function renderPattern(prefix: Prefix): string {
  return isHost(prefix) ? prefix : `${prefix}+`
}

/** Whether a prefix is one address. */
export function isHost(prefix: Prefix): boolean {
  return lengthOf(prefix) === (familyOf(prefix) === 'ipv4' ? 32 : 128)
}
