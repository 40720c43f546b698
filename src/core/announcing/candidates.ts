import type { Lease } from '../dhcp/lease.ts'
import { type Guest, type Nic, staticAddresses, type Vmid } from '../guest/guest.ts'
import type { GuestNotes } from '../guest/notes.ts'
import type { Links } from '../node/link.ts'
import type { AnnouncePolicy } from '../policy/announce.ts'
import { mayLeave } from '../policy/announced.ts'
import type { Neighbour } from '../routing/routing.ts'
import type { Contender } from '../ruling/contend.ts'
import { isLive } from '../ruling/liveness.ts'
import { type Address, isIpv4 } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { Announcement } from './announcement.ts'
import type { NetworkOnDevice } from './networkOnDevice.ts'

/** What announcing depends on. */
export interface AnnounceInput {
  readonly node: string
  readonly guests: readonly Guest[]
  readonly notesOf: (vmid: Vmid) => GuestNotes
  readonly running: ReadonlySet<number>
  readonly policy: AnnouncePolicy
  readonly links: Links
  /** guestnet's neighbour entries as they are in the kernel. */
  readonly neighbours: readonly Neighbour[]
  readonly leases: readonly Lease[]
  /** What is announced from here already. */
  readonly announced: readonly Announcement[]
  /** Unix seconds. */
  readonly now: number
  /** Whether a guest's link is the one it was at the last look. */
  readonly isSamePort: (guest: Guest, nic: Nic) => boolean
}

/** A guest's address in an announced network. */
export interface Candidate extends Contender {
  readonly guest: Guest
  readonly index: Nic
  readonly mac: Mac
  readonly address: Address
  readonly device: string
}

/** What is asked, and what the kernel has already, ready for being looked up. */
export interface Context extends AnnounceInput {
  readonly knownMacs: ReadonlySet<Mac>
  /** `ADDRESS MAC`. */
  readonly knownNeighbours: ReadonlySet<string>
  /** Unix seconds, by `PREFIX VMID`. */
  readonly announcedSince: ReadonlyMap<string, number>
}

export function knownOf({
  neighbours,
  announced,
}: AnnounceInput): Pick<Context, 'knownMacs' | 'knownNeighbours' | 'announcedSince'> {
  return {
    knownMacs: new Set(neighbours.map(({ mac }) => mac)),
    knownNeighbours: new Set(neighbours.map(({ address, mac }) => `${address} ${mac}`)),
    announcedSince: new Map(announced.map(({ prefix, vmid, since }) => [`${prefix} ${vmid}`, since])),
  }
}

export function candidatesOf(
  guest: Guest,
  networks: readonly NetworkOnDevice[],
  input: Context,
): Candidate[] {
  const { node, links, notesOf, knownMacs } = input
  if (guest.node !== node || !notesOf(guest.vmid).announce) return []
  return guest.nics.flatMap(nic => {
    const on = onNetwork(nic, networks)
    if (!on || !nic.mac || !isLive(guest, nic, { node, links, isKnown: mac => knownMacs.has(mac) })) return []
    return announced(nic, on).map(address => candidate(guest, nic, { address, on, input, runningHere: true }))
  })
}

/** Guests elsewhere that want an address some guest here wants too. */
export function rivalsOf(
  local: readonly Candidate[],
  networks: readonly NetworkOnDevice[],
  input: Context,
): Candidate[] {
  const wanted = new Set(local.map(({ address }) => address))
  const others = input.guests.filter(guest => guest.node !== input.node && !guest.template)
  return others.flatMap(guest =>
    guest.nics
      // First the cheap question: there may be thousands of guests elsewhere.
      .filter(({ addressing }) => staticAddresses(addressing).some(address => wanted.has(address)))
      .flatMap(nic => {
        const on = onNetwork(nic, networks)
        const addresses = on ? announced(nic, on).filter(address => wanted.has(address)) : []
        return on
          ? addresses.map(address => candidate(guest, nic, { address, on, input, runningHere: false }))
          : []
      }),
  )
}

function onNetwork({ bridge, tag }: Nic, networks: readonly NetworkOnDevice[]): NetworkOnDevice | undefined {
  return networks.find(({ network }) => network.bridge === bridge && network.tag === tag)
}

function announced({ addressing }: Nic, { network }: NetworkOnDevice): Address[] {
  return staticAddresses(addressing).filter(address => mayLeave(network, hostPrefix(address)))
}

function candidate(
  guest: Guest,
  nic: Nic,
  about: { address: Address; on: NetworkOnDevice; input: Context; runningHere: boolean },
): Candidate {
  const { address, on, input, runningHere } = about
  const mac = nic.mac ?? ('' as Mac)
  return {
    guest,
    index: nic,
    vmid: guest.vmid,
    nic: nic.index,
    mac,
    address,
    device: on.device.name,
    runningHere,
    servedHere: runningHere && input.knownNeighbours.has(`${address} ${mac}`),
    runningElsewhere: !runningHere && input.running.has(guest.vmid),
  }
}

/**
 * A former address of a guest that goes on running: it stays until the guest has taken its new one by DHCP or its port is
 * another one, unless somebody else wants it.
 */
export function retained(
  held: readonly Candidate[],
  networks: readonly NetworkOnDevice[],
  input: AnnounceInput,
): Candidate[] {
  const current = new Set(held.map(({ address, mac }) => `${address} ${mac}`))
  const former = input.neighbours.filter(({ address, mac }) => !current.has(`${address} ${mac}`))
  if (former.length === 0) return []
  const wanted = new Set<Address>(
    input.guests.flatMap(guest => guest.nics.flatMap(nic => staticAddresses(nic.addressing))),
  )
  const leased = new Set(input.leases.map(({ address, mac }) => `${address} ${mac}`))
  return former.flatMap(({ address, mac, device }) => {
    const owner = held.find(
      candidate =>
        candidate.mac === mac && candidate.device === device && isIpv4(candidate.address) === isIpv4(address),
    )
    const on = networks.find(network => network.device.name === device)
    if (!owner || !on || wanted.has(address) || leased.has(`${owner.address} ${mac}`)) {
      return []
    }
    if (!input.isSamePort(owner.guest, owner.index) || !mayLeave(on.network, hostPrefix(address))) return []
    return [{ ...owner, address }]
  })
}
