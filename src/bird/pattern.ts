import type { Prefix } from '../core/values/address.ts'
import { isHost } from '../core/values/prefix.ts'

/** A prefix and everything inside it, as BIRD writes it in a prefix set. */
export function renderPattern(prefix: Prefix): string {
  return isHost(prefix) ? prefix : `${prefix}+`
}
