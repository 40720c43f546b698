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
import { routedPrefixes } from './routedPrefixes.ts'
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
      ...[...addresses, ...blackholed].map(candidate =>
        announcementOf(candidate, candidate, hostPrefix(candidate.address), context, candidate.blackhole),
      ),
      ...routed.map(one => announcementOf(one, one.candidate, one.route.prefix, context)),
    ],
    standby: waiting.map(candidate =>
      announcementOf(candidate, candidate, hostPrefix(candidate.address), context),
    ),
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

/** What came of what is announced, a candidate's own address or a prefix behind it: what is told already. */
const TOLD = new WeakMap<object, { readonly told: Announcement; readonly asNumbers: Context['asNumbers'] }>()

/** Of what is announced, how it is told among all that is. */
const FOUND = new WeakMap<
  object,
  { readonly among: Context['announcedAs']; readonly told: Announcement | undefined }
>()

function toldOf(what: object, prefix: Prefix, vmid: number, among: Context['announcedAs']) {
  const known = FOUND.get(what)
  if (known?.among === among && known.told?.prefix === prefix) return known.told
  const told = among.get(announcementKey({ prefix, vmid }))
  FOUND.set(what, { among, told })
  return told
}

/** What is told already is the same value, not an equal one: how it is written down is known then. */
function announcementOf(
  what: object,
  candidate: Omit<Candidate, 'mac'>,
  prefix: Prefix,
  context: Context,
  blackhole?: Blackhole,
): Announcement {
  const { guest, config, device } = candidate
  const { vmid } = guest
  const { asNumbers = [] } = context
  const told = toldOf(what, prefix, vmid, context.announcedAs)
  const since = sinceOf(told, context)
  const known = TOLD.get(what)
  const isAsBefore = known?.told === told && isSameList(known?.asNumbers ?? [], asNumbers)
  if (told && isAsBefore && told.since === since) return told
  const network = networkOf(config)
  const made: Announcement = {
    prefix,
    vmid,
    ...(network && { network }),
    device,
    ...(!blackhole && { port: linkNameOf(guest, config.index) }),
    communities: [...communitiesOf(vmid, context).allowed, ...(blackhole?.communities ?? [])],
    ...(blackhole && { blackhole: blackhole.until }),
    since,
  }
  if (!told || announcementText(told) !== announcementText(made)) return made
  TOLD.set(what, { told, asNumbers })
  return told
}
