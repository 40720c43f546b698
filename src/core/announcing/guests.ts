import { eachByItself } from '../guest/eachByItself.ts'
import { networkOf } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import { describeNic } from '../guest/names.ts'
import type { Blackhole } from '../policy/blackhole.ts'
import { problemOf } from '../problem/refusal.ts'
import { type GuestRoute, guestRoute, type Neighbour } from '../routing/routing.ts'
import type { Prefix } from '../values/address.ts'
import { isSameList, memoOf } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'
import { type Announcement, announcementKey, announcementText } from './announcement.ts'
import { judgeBy } from './candidates.ts'
import { communitiesOf, refusedCommunities } from './communities.ts'
import { type Context, contextOf, type GuestsInput } from './context.ts'
import { gatewaysFor, proxiesFor, rulesFor } from './gateway.ts'
import { networksOnDevices } from './networkOnDevice.ts'
import { retained } from './retained.ts'
import { type RoutedPrefix, routedPrefixes } from './routedPrefixes.ts'
import { sinceOf } from './since.ts'
import type { Blackholed, Candidate, GuestsIntent, Judged, Withheld } from './wanted.ts'

/** What the kernel and BGP should know about the guests that live here. */
export function announceGuests(input: GuestsInput): GuestsIntent {
  const context = contextOf(input)
  const { node, guests, policy, links } = context
  const { usable: networks, problems } = networksOnDevices(policy.networks, links)
  const own = eachByItself(
    guests.filter(guest => guest.node === node),
    judgeBy(networks, context),
  )
  const judged = own.results
  const held = judged.filter(one => one.fate === 'here')
  const blackholed = judged.filter(one => one.fate === 'blackholed')
  const refused = judged.filter(one => one.fate === 'withheld')
  const withheld = refused.map(nameOnly)
  const waiting = refused.flatMap(one => waitingFor(one) ?? [])
  for (const { refusal, ...nic } of withheld) {
    const problem = problemOf(refusal, describeNic(nic), { vmid: nic.vmid, nic: nic.nic })
    if (problem) problems.push(problem)
  }
  const addresses = [...held, ...retained(held, networks, context)]
  const known = [...addresses, ...waiting]
  for (const guest of new Set(held.map(candidate => candidate.guest)))
    problems.push(...refusedCommunities(guest, context))
  const behind = routedPrefixes(held, context, problems)
  const routed = behind.results
  return {
    routing: {
      table: policy.table,
      routes: [
        ...addresses.map(hostRoute),
        ...blackholed.map(hostRoute),
        ...routed.map(({ route }) => route),
      ],
      // Without a route to it an entry leads nothing anywhere. A guest's frames are its own from the first on.
      neighbours: known.map(neighbourOf),
      proxies: proxiesFor(guests, networks, new Set(known.map(({ address }) => address))),
      rules: rulesFor(networks, policy),
      gateways: gatewaysFor(networks, links, problems),
    },
    announcements: [
      ...[...addresses, ...blackholed].map(candidate => ownAddress(candidate, context)),
      ...routed.map(one => behindGuest(one, context)),
    ],
    standby: waiting.map(candidate => ownAddress(candidate, context)),
    withheld,
    failed: new Set([...own.failed, ...behind.failed]),
    problems: [...own.problems, ...behind.problems, ...problems],
  }
}

// Of what is judged as before all that follows is the same value, too.

const nameOnly = memoOf(({ type, vmid, nic, address, refusal }: Withheld): Withheld => {
  return { type, vmid, nic, address, refusal }
})

/** Who is on standby, as if it were here. */
const waitingFor = memoOf(({ refusal: _, standby, ...asked }: Refused) => standby && { ...asked, ...standby })

const neighbourOf = memoOf(
  ({ address, mac, device }: Pick<Candidate, 'address' | 'mac' | 'device'>): Neighbour => ({
    address,
    mac,
    device,
  }),
)

const hostRoute = memoOf(({ address, device, blackhole }: Candidate | Blackholed): GuestRoute => {
  return guestRoute({ prefix: hostPrefix(address), ...(!blackhole && { device }) })
})

type Refused = Extract<Judged, { fate: 'withheld' }>

/** What is to be announced: an address of a candidate, or a prefix behind it. */
interface ToAnnounce {
  readonly candidate: Omit<Candidate, 'mac'>
  readonly prefix: Prefix
  readonly blackhole?: Blackhole | undefined
}

/** How it is told already, of all that is, and by which AS numbers that was found to be as it should; absent: it was not. */
interface Known {
  readonly among: Context['announcedAs']
  readonly told: Announcement | undefined
  readonly asNumbers?: readonly number[] | undefined
}

/** By what comes to the same value as long as nothing of it changes: the candidate, or the prefix routed by it. */
const KNOWN = new WeakMap<object, Known>()

function ownAddress(candidate: Candidate | Blackholed, context: Context): Announcement {
  const { address, blackhole } = candidate
  return announcementOf(candidate, { candidate, prefix: hostPrefix(address), blackhole }, context)
}

function behindGuest(routed: RoutedPrefix, context: Context): Announcement {
  const { candidate, route } = routed
  return announcementOf(routed, { candidate, prefix: route.prefix }, context)
}

/** What is told already is the same value, not an equal one: how it is written down is known then. */
function announcementOf(key: object, what: ToAnnounce, context: Context): Announcement {
  const { announcedAs: among, asNumbers = [] } = context
  const { vmid } = what.candidate.guest
  const known = KNOWN.get(key)
  const told = known?.among === among ? known.told : among.get(announcementKey({ prefix: what.prefix, vmid }))
  const since = sinceOf(told, context)
  const isAsItShould =
    told !== undefined &&
    told === known?.told &&
    told.since === since &&
    known.asNumbers !== undefined &&
    isSameList(known.asNumbers, asNumbers)
  const made = isAsItShould ? told : announcementAnew(what, since, context)
  const isEqual = told !== undefined && announcementText(told) === announcementText(made)
  if (!isAsItShould || known?.among !== among)
    KNOWN.set(key, { among, told, asNumbers: isEqual ? asNumbers : undefined })
  return isEqual ? told : made
}

function announcementAnew(
  { candidate: { guest, config, device }, prefix, blackhole }: ToAnnounce,
  since: number,
  context: Context,
): Announcement {
  const { vmid } = guest
  const network = networkOf(config)
  return {
    prefix,
    vmid,
    ...(network && { network }),
    device,
    ...(!blackhole && { port: linkNameOf(guest, config.index) }),
    communities: [...communitiesOf(vmid, context).allowed, ...(blackhole?.communities ?? [])],
    ...(blackhole && { blackhole: blackhole.until }),
    since,
  }
}
