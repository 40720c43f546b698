import type { Offer } from '../core/dhcp/offer.ts'
import type { ServerId } from '../core/dhcp/serverId.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { renderConfig } from './config.ts'
import { hooksFolder } from './directories.ts'
import type { ServerPolicy } from './familyPart.ts'

/** By server, of which a node has few. */
const RENDERED = new Map<ServerId, (offers: readonly Offer[], policy: ServerPolicy) => string>()

/** The configuration of a server on this node; written out only where an offer or the policy is another one than the last time. */
export function configOf(server: ServerId, offers: readonly Offer[], policy: ServerPolicy): string {
  const known = RENDERED.get(server)
  if (known) return known(offers, policy)
  const render = memoOfLast(
    (made: readonly Offer[], by: ServerPolicy) => renderConfig(server, made, by, hooksFolder()),
    (made, by) => [by, ...made],
  )
  RENDERED.set(server, render)
  return render(offers, policy)
}
