import * as z from 'zod'
import type { Lease } from '../core/dhcp/lease.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import { type Address, parseAddress } from '../core/values/address.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'
import { command } from './control.ts'
import type { SlotFiles } from './directories.ts'
import { leasesOfGuests } from './hardwareAddress.ts'

/** Where a Kea is asked. */
export type KeaSocket = Pick<SlotFiles, 'socket' | 'daemon'>

/** A lease as the lease_cmds hook shows it (Kea ARM, "lease_cmds: Lease Commands"). */
const KeaLease = z.looseObject({
  'ip-address': z.string(),
  'hw-address': z.string(),
  'subnet-id': z.number(),
  /** Seconds since 1970: when it was last given. */
  cltt: z.number(),
  'valid-lft': z.number(),
  /** 0: in use; 1: declined; 2: expired and reclaimed. */
  state: z.number(),
})
type KeaLease = z.infer<typeof KeaLease>

async function allLeases({ socket, daemon }: KeaSocket): Promise<KeaLease[]> {
  const reply = await command(socket, daemon.commands.all, undefined, 1500)
  // 3 is an empty list.
  if (reply.result !== 0 && reply.result !== 3) throw new Error(reply.text ?? `Kea answered ${reply.result}`)
  // One that is not as expected, such as without a hardware address, is no guest's, and takes nothing from the others.
  return z
    .array(z.unknown())
    .parse(reply.arguments?.leases ?? [])
    .flatMap(one => {
      const lease = KeaLease.safeParse(one)
      return lease.success ? [lease.data] : []
    })
}

/** The leases that a Kea which makes these offers has given to guests. Throws when it does not answer. */
export async function observeLeases(kea: KeaSocket, offers: readonly Offer[]): Promise<Lease[]> {
  const given = (await allLeases(kea)).flatMap(lease => {
    const address = parseAddress(lease['ip-address'])
    const mac = parseMac(lease['hw-address'])
    const isInUse = lease.state === 0
    return address && mac && isInUse
      ? [{ address, mac, since: lease.cltt, expires: lease.cltt + lease['valid-lft'], ...clientIn(lease) }]
      : []
  })
  return leasesOfGuests(given, offers)
}

/** Whose lease may live on: the address, the hardware address as Kea knows it, and the subnet it belongs to now. */
export interface LeaseHolder {
  readonly address: Address
  readonly hardwareAddress: Mac
  readonly subnetId: number
}

/**
 * Hands leases given by one Kea since the other was started over to that other one.
 * Returns how many. Throws when one of them does not answer.
 */
export async function handOver(
  from: KeaSocket,
  to: KeaSocket,
  holders: readonly LeaseHolder[],
): Promise<number> {
  const [given, known] = await Promise.all([allLeases(from), allLeases(to)])
  const knownSince = new Map(known.map(lease => [lease['ip-address'], lease.cltt]))
  const newer = given.flatMap(lease => {
    const holder = holders.find(
      ({ address, hardwareAddress }) =>
        address === lease['ip-address'] && hardwareAddress === lease['hw-address'],
    )
    const isNews = lease.state === 0 && (knownSince.get(lease['ip-address']) ?? -1) < lease.cltt
    return holder && isNews ? [{ lease, holder }] : []
  })
  for (const { lease, holder } of newer) {
    await command(to.socket, to.daemon.commands.update, {
      ...updateOf(lease),
      'subnet-id': holder.subnetId,
      'force-create': true,
    })
  }
  return newer.length
}

/** `cltt` cannot be given, but follows from when the lease ends. */
function updateOf(lease: KeaLease): object {
  const clientId = lease['client-id']
  return {
    'ip-address': lease['ip-address'],
    'hw-address': lease['hw-address'],
    ...(typeof clientId === 'string' && clientId !== '' ? { 'client-id': clientId } : {}),
    ...(lease.duid === undefined ? {} : identityOf6(lease)),
    'valid-lft': lease['valid-lft'],
    expire: lease.cltt + lease['valid-lft'],
    hostname: typeof lease.hostname === 'string' ? lease.hostname : '',
  }
}

function clientIn({ duid, iaid }: KeaLease): Pick<Lease, 'client'> {
  return typeof duid === 'string' && typeof iaid === 'number' ? { client: { duid, iaid } } : {}
}

/** By what a lease of DHCPv6 is known (RFC 8415, section 4.2). */
function identityOf6({ duid, iaid, type, 'preferred-lft': preferred }: KeaLease): object {
  return { duid, iaid, type, 'preferred-lft': preferred }
}
