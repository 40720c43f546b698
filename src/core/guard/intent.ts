import { eachByItself } from '../guest/eachByItself.ts'
import { type Guest, type Nic, networkOf } from '../guest/guest.ts'
import { linkNameOf, parseGuestLink } from '../guest/links.ts'
import { describeNic } from '../guest/names.ts'
import { leavesAnywhere } from '../policy/announced.ts'
import { isGuardedNetwork } from '../policy/guard.ts'
import { GivenPrefixes } from '../ruling/routedWish.ts'
import { weighedWishes } from '../ruling/wishRegister.ts'
import type { Prefix } from '../values/address.ts'
import type { GuardContext, GuardInput } from './context.ts'
import { type NetworkId, NOWHERE, networkOfEntry } from './entry.ts'
import { type HeldAddresses, heldAddresses, heldIn } from './heldAddresses.ts'
import { entriesOf } from './nicEntries.ts'
import { ownAddresses } from './ownAddresses.ts'
import { strictnessOf } from './strictness.ts'
import type { GuardedNic, GuardIntent, GuardPort } from './target.ts'

/** A NIC with a port here that is to be guarded. */
interface Guarded {
  readonly port: GuardPort
  readonly nic: GuardedNic
}

const OFF: GuardIntent = {
  mode: 'off',
  ports: [],
  networks: new Map(),
  linkLocals: new Set(),
  nics: [],
  problems: [],
}

/** From what was read to what may leave each port; what is there already only decides what stays for a while. Pure. */
export function intendGuard(context: GuardContext): GuardIntent {
  const { policy, guests, links } = context
  const { mode } = policy
  if (mode === 'off') return OFF
  const held = heldAddresses(guests, policy.extra)
  const here = guests.filter(({ type, vmid, nics }) =>
    nics.some(({ index }) => links.has(linkNameOf({ type, vmid }, index))),
  )
  const behind = prefixesBehind(here, context)
  const judged = eachByItself(here, guest =>
    guest.nics.flatMap(nic => guardedNic(guest, nic, behind.get(guest) ?? [], held, context)),
  )
  const ports = judged.results.map(({ port }) => port)
  const kept = keptPorts(here, judged.failed, context)
  return {
    mode,
    ports: [...ports, ...kept],
    networks: networksOf([...ports, ...kept], held),
    linkLocals: held.linkLocals,
    nics: judged.results.map(({ nic }) => nic),
    problems: judged.problems,
  }
}

function guardedNic(
  guest: Guest,
  nic: Nic,
  prefixes: readonly Prefix[],
  held: HeldAddresses,
  context: GuardContext,
): Guarded[] {
  const link = context.links.get(linkNameOf(guest, nic.index))
  const network = networkOf(nic)
  if (!link || !network || !isGuardedNetwork(context.policy, network)) return []
  const name = { type: guest.type, vmid: guest.vmid, nic: nic.index }
  const label = `${describeNic(name)} ifindex ${link.ifindex}`
  const extra = context.policy.extra.get(guest.vmid)
  const { strictness, because } = strictnessOf(guest, nic, extra)
  const addresses = ownAddresses(guest, nic, label, context)
  const vlansInUse = [...(held.vlans.get(network.bridge) ?? [])]
  const entries = entriesOf({ guest, nic, strictness, addresses, prefixes, extra, vlansInUse })
  return [
    {
      port: { link: link.name, label, entries },
      nic: { ...name, link: link.name, strictness, ...(because !== undefined && { because }) },
    },
  ]
}

/** The networks behind guests, whether announced at the moment or not: what has them goes on sending from them. */
function prefixesBehind(
  here: readonly Guest[],
  { announce, guests, notesOf }: GuardInput,
): Map<Guest, Prefix[]> {
  const behind = new Map<Guest, Prefix[]>()
  if (!announce) return behind
  const given = new GivenPrefixes()
  const trustsNotes = announce.notes === 'trusted'
  const wishContext = { trustsNotes, mayLeave: leavesAnywhere(announce.networks), guests, notesOf }
  for (const guest of here) {
    const wishes = weighedWishes(guest, wishContext).filter(wish => given.objectionTo(wish) === undefined)
    behind.set(
      guest,
      wishes.map(({ prefix }) => prefix),
    )
    for (const wish of wishes) given.give(wish)
  }
  return behind
}

/**
 * Ports of guests that nothing is known of at the moment keep what they have: a file that cannot be read, or a port whose
 * guest or NIC is in no file any more, cuts nobody off and lets nobody loose.
 */
function keptPorts(
  here: readonly Guest[],
  failed: ReadonlySet<number>,
  { links, observed }: GuardContext,
): GuardPort[] {
  const known = new Set(
    here
      .filter(({ vmid }) => !failed.has(vmid))
      .flatMap(guest => guest.nics.map(({ index }) => linkNameOf(guest, index))),
  )
  return [...observed.table.ports].flatMap(([link, { label, entries }]) => {
    const isOurs = label !== undefined && links.has(link) && parseGuestLink(link) !== undefined
    return isOurs && !known.has(link) ? [{ link, label, entries }] : []
  })
}

function networksOf(ports: readonly GuardPort[], held: HeldAddresses) {
  const ids = new Set<NetworkId>([NOWHERE])
  for (const { entries } of ports) for (const entry of entries) ids.add(networkOfEntry(entry) ?? NOWHERE)
  return new Map([...ids].map(id => [id, heldIn(held, id)]))
}
