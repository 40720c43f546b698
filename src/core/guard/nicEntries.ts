import { type Guest, type Nic, networkOf } from '../guest/guest.ts'
import type { GuardExtra } from '../policy/guard.ts'
import { type Address, isIpv4, type Prefix, type Prefix4, type Prefix6 } from '../values/address.ts'
import { aggregate } from '../values/aggregate.ts'
import { linkLocalOf } from '../values/linkLocal.ts'
import { addressIn, isHost } from '../values/prefix.ts'
import { describeVlans, withoutVlans } from '../values/vlan.ts'
import type { Strictness } from './drop.ts'
import { type Entry, NOWHERE, networkIdOf } from './entry.ts'
import { hostsIn } from './extraHosts.ts'
import { entryOf } from './ownAddresses.ts'

/** What is known of a NIC. */
export interface NicFacts {
  readonly guest: Guest
  readonly nic: Nic
  readonly strictness: Strictness
  readonly addresses: readonly Address[]
  /** Behind it. */
  readonly prefixes: readonly Prefix[]
  readonly extra: GuardExtra | undefined
  /** The VLANs of its bridge in which somebody is known to have an address. */
  readonly vlansInUse: readonly number[]
}

/** All that may leave a NIC's port. */
export function entriesOf(facts: NicFacts): Set<Entry> {
  const { nic, addresses, extra, strictness } = facts
  const macs = [...(nic.mac ? [nic.mac] : []), ...(extra?.macs ?? [])]
  const own = [...addresses, ...macs.map(linkLocalOf)].map(address => entryOf(address))
  const added = hostsIn(extra).map(address => entryOf(address, true))
  const network = networkIdOf(networkOf(nic) ?? { bridge: '' })
  return new Set<Entry>([
    ...macs.map((mac): Entry => `mac ${mac}`),
    ...(nic.mac ? [] : (['any-mac'] as const)),
    ...own,
    ...added.filter(entry => !own.includes(entry.slice('extra-'.length) as Entry)),
    ...prefixEntries(facts),
    ...(extra?.router === true ? (['router'] as const) : []),
    ...(strictness.ipv4 === 'open' ? [`open4 ${network}` as const] : []),
    ...(strictness.ipv6 === 'open' ? [`open6 ${network}` as const] : []),
    ...tagEntries(facts),
  ])
}

/** Intervals of a set must not overlap. */
function prefixEntries({ prefixes, extra }: NicFacts): Entry[] {
  const added = (extra?.addresses ?? []).filter(
    (one): one is Prefix => one.includes('/') && !isHost(one as Prefix),
  )
  return aggregate([...prefixes, ...added]).map(prefix =>
    isIpv4(addressIn(prefix))
      ? (`prefix4 ${prefix as Prefix4}` as const)
      : (`prefix6 ${prefix as Prefix6}` as const),
  )
}

/** A VLAN in which nobody is known to have an address needs no looking at who has what. */
function tagEntries({ nic: { bridge, trunks = [] }, vlansInUse }: NicFacts): Entry[] {
  if (bridge === undefined) return []
  const isTrunk = (tag: number) => trunks.some(({ from, to }) => from <= tag && tag <= to)
  return [
    ...vlansInUse.filter(isTrunk).map((tag): Entry => `tags ${tag} ${networkIdOf({ bridge, tag })}`),
    ...withoutVlans(trunks, vlansInUse).map((range): Entry => `tags ${describeVlans(range)} ${NOWHERE}`),
  ]
}
