import { leaseKeyOf } from '../dhcp/lease.ts'
import { type Guest, staticAddresses } from '../guest/guest.ts'
import { mayLeave } from '../policy/announced.ts'
import { type Address, isIpv4 } from '../values/address.ts'
import { memoOf } from '../values/memo.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { GuestsInput } from './context.ts'
import type { NetworkOnDevice } from './networkOnDevice.ts'
import type { Candidate } from './wanted.ts'

/**
 * A former address of a guest that goes on running: it stays until the guest has taken its new one by DHCP or its port is
 * another one, unless somebody else wants it.
 */
export function retained(
  held: readonly Candidate[],
  networks: readonly NetworkOnDevice[],
  input: GuestsInput,
): Candidate[] {
  const current = new Set(held.map(keyOnce))
  const former = input.neighbours.filter(entry => !current.has(keyOnce(entry)))
  if (former.length === 0) return []
  const wanted = addressesAmong(input.guests)
  // Where it is not known what guests have leased, the former address stays.
  const leased = new Set((input.leases ?? []).map(leaseKeyOf))
  return former.flatMap(({ address, mac, device }) => {
    const owner = held.find(
      candidate =>
        candidate.mac === mac && candidate.device === device && isIpv4(candidate.address) === isIpv4(address),
    )
    const on = networks.find(network => network.device.name === device)
    if (!owner || !on || wanted.has(address) || leased.has(leaseKeyOf(owner))) return []
    if (!input.isSamePort(owner.guest, owner.config) || !mayLeave(on.network, hostPrefix(address))) return []
    // A black hole is for the addresses that a guest has.
    const { blackhole: _, ...candidate } = owner
    return [{ ...candidate, address }]
  })
}

const keyOnce = memoOf(leaseKeyOf)

/** All that anybody in the cluster has written down; gone through once while the guests are the same. */
const addressesAmong = memoOf(
  (guests: readonly Guest[]): ReadonlySet<Address> =>
    new Set(guests.flatMap(({ nics }) => nics.flatMap(({ addressing }) => staticAddresses(addressing)))),
)
