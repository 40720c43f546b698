import type { Announcement } from '../core/announcing/announcement.ts'
import { parseVmid } from '../core/guest/names.ts'
import { type Community, parseCommunity } from '../core/values/community.ts'
import { type Family, familyOf } from '../core/values/family.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import { SINCE } from './names.ts'
import { quote } from './quote.ts'

/** The function of the large community AS:FUNCTION:VMID (RFC 8092) that names the guest; RFC 8195 is the custom followed. */
const GUEST = 1

/**
 * The routes of one family for BIRD's static protocol, one a line (BIRD User's Guide, "Static"). A route rests while
 * its link is down.
 */
export function renderGuests(announcements: readonly Announcement[], family: Family, as: number): string {
  const lines = announcements
    .filter(({ prefix }) => familyOf(prefix) === family)
    .map(announcement => renderRoute(announcement, as))
    .toSorted()
  return ['# What guestnet announces for the guests of this node.', ...lines, ''].join('\n')
}

function renderRoute({ prefix, vmid, device, communities, since }: Announcement, as: number): string {
  const attributes = [`${as}:${GUEST}:${vmid}`, ...communities].map(renderCommunity)
  return `route ${prefix} via ${quote(device)} { ${SINCE} = ${since}; ${attributes.join(' ')} };`
}

function renderCommunity(community: string): string {
  const parts = community.split(':')
  const attribute = parts.length === 2 ? 'bgp_community' : 'bgp_large_community'
  return `${attribute}.add((${parts.join(', ')}));`
}

/** Reads back what `renderGuests` wrote, so that a restarted agent knows what is announced; skips what it did not. */
export function readGuests(text: string): Announcement[] {
  return text.split('\n').flatMap(line => readRoute(line) ?? [])
}

const ROUTE = new RegExp(`^route (\\S+) via "(.*?)" \\{ ${SINCE} = ([0-9]+); (.*) \\};$`)

function readRoute(line: string): Announcement | undefined {
  const [, net = '', device = '', since = '', attributes = ''] = ROUTE.exec(line) ?? []
  const [guest, ...communities] = readCommunities(attributes)
  const prefix = parsePrefix(net)
  const vmid = parseVmid(guest?.split(':')[2] ?? '')
  return prefix && vmid && { prefix, vmid, device, communities, since: Number(since) }
}

function readCommunities(attributes: string): Community[] {
  const found = attributes.matchAll(/bgp_(?:large_)?community\.add\(\(([0-9, ]+)\)\);/g)
  return [...found].flatMap(([, numbers = '']) => parseCommunity(numbers.replaceAll(', ', ':')) ?? [])
}
