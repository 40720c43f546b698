import * as z from 'zod'
import type { Announcement } from '../core/announcing/announcement.ts'
import type { BirdSettings } from '../core/announcing/birdSettings.ts'
import { byGuest } from '../core/announcing/byGuest.ts'
import { OWN_FUNCTION } from '../core/announcing/ownCommunities.ts'
import { parseVmid } from '../core/guest/names.ts'
import { parsedBy } from '../core/text/schema.ts'
import { type Community, parseCommunity } from '../core/values/community.ts'
import { type Family, familyOf } from '../core/values/family.ts'
import { memoOfEach, memoOfText } from '../core/values/memo.ts'
import { describeNetwork } from '../core/values/network.ts'
import { isHost, parsePrefix } from '../core/values/prefix.ts'
import { renderCommunity } from './community.ts'
import { networkNumbers } from './exportFilter.ts'
import { DEVICE, NETWORK, SINCE } from './names.ts'
import { quote } from './quote.ts'

/**
 * The routes of one family for BIRD's static protocol (BIRD User's Guide, "Static"), each with a comment before it for
 * `readGuests`. A route rests while its link is down or not there, and BIRD hears of links from the kernel: a guest whose port
 * comes or goes is announced or withdrawn without anybody telling BIRD.
 */
export function renderGuests(
  announcements: readonly Announcement[],
  family: Family,
  settings: Pick<BirdSettings, 'as' | 'exports' | 'devices'>,
): string {
  const numbers = networkNumbers(settings.exports)
  const basis = JSON.stringify([settings.as, settings.devices, [...numbers]])
  const guests = [...byGuest(announcements)].toSorted(([one], [other]) => one - other)
  const parts = guests.flatMap(([, own]) => {
    const text = renderAll(own, basis, settings, numbers)[family]
    return text === '' ? [] : [text]
  })
  return ['# What guestnet announces for the guests of this node.', ...parts, ''].join('\n')
}

/** A guest's part of each file, in an order that does not depend on the one of its announcements; the same while they are, and `basis`, what of the settings it follows from. */
const renderAll = memoOfEach(
  (
    announcements: readonly Announcement[],
    _basis: string,
    settings: Pick<BirdSettings, 'as' | 'devices'>,
    numbers: ReadonlyMap<string, number>,
  ): Readonly<Record<Family, string>> => {
    const textOf = (family: Family) =>
      announcements
        .filter(({ prefix }) => familyOf(prefix) === family)
        .map(announcement => {
          const route = renderRoute(announcement, settings, numbers)
          return { route, told: renderTold(announcement) }
        })
        .toSorted((a, b) => (a.route < b.route ? -1 : 1))
        .flatMap(({ route, told }) => [told, route])
        .join('\n')
    return { ipv4: textOf('ipv4'), ipv6: textOf('ipv6') }
  },
  basis => [basis],
)

function renderTold(announcement: Announcement): string {
  const { prefix, vmid, network, device, port, communities, blackhole, since } = announcement
  const told = {
    ...{ prefix, vmid, ...(network && { network }) },
    ...{ device, ...(port !== undefined && { port }), communities },
    ...(blackhole !== undefined && { blackhole }),
    since,
  } satisfies Announcement
  return `# ${JSON.stringify(told)}`
}

function renderRoute(
  announcement: Announcement,
  { as, devices }: Pick<BirdSettings, 'as' | 'devices'>,
  numbers: ReadonlyMap<string, number>,
): string {
  const { prefix, vmid, network, device, port = device, communities, blackhole, since } = announcement
  const number = (network && numbers.get(describeNetwork(network))) ?? 0
  const way = hasWay(announcement) ? devices.indexOf(device) + 1 : 0
  const attributes = [
    `${SINCE} = ${since};`,
    ...(way === 0 ? [] : [`${DEVICE} = ${way};`]),
    ...(numbers.size === 0 ? [] : [`${NETWORK} = ${number};`]),
    ...[`${as}:${OWN_FUNCTION.guest}:${vmid}`, ...communities].map(renderCommunity),
  ]
  const to = blackhole === undefined ? `via ${quote(port)}` : 'blackhole'
  return `route ${prefix} ${to} { ${attributes.join(' ')} };`
}

/** A prefix behind a guest is reached by way of the guest, which only the agent's own route knows. */
function hasWay({ prefix, port, blackhole }: Announcement): boolean {
  return isHost(prefix) && port !== undefined && blackhole === undefined
}

/** A route as the comment before it tells. */
const Told = z.object({
  prefix: parsedBy(parsePrefix, 'a prefix'),
  vmid: z.number().transform(String).pipe(parsedBy(parseVmid, 'the number of a guest')),
  network: z.exactOptional(z.object({ bridge: z.string(), tag: z.exactOptional(z.int()) })),
  device: z.string(),
  port: z.exactOptional(z.string()),
  communities: z.array(parsedBy(parseCommunity, 'a community')),
  blackhole: z.exactOptional(z.number()),
  since: z.int(),
})

/** Reads back what `renderGuests` wrote, so that a restarted agent knows what is announced; skips what it did not. */
export function readGuests(text: string): Announcement[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) =>
    line.startsWith('route ') ? (readTold(lines[index - 1] ?? '') ?? readOlder(line) ?? []) : [],
  )
}

/** The same line is the same announcement: most lines of a file are those of the one before. */
const readTold = memoOfText((line: string): Announcement | undefined => {
  if (!line.startsWith('# {')) return undefined
  try {
    return Told.safeParse(JSON.parse(line.slice('# '.length))).data
  } catch {
    return undefined
  }
})

const ROUTE = new RegExp(`^route (\\S+) via "(.*?)" \\{ ${SINCE} = ([0-9]{1,10}); (.*) \\};$`)

/** Before there were those comments, and where a later guestnet writes other ones, the route itself tells. */
function readOlder(line: string): Announcement | undefined {
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
