import * as z from 'zod'
import type { Lease } from '../core/dhcp/lease.ts'
import { type Ipv4, parseIpv4 } from '../core/values/address.ts'
import { parseMac } from '../core/values/mac.ts'
import { command } from './control.ts'

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

export async function allLeases(socket: string): Promise<KeaLease[]> {
  const reply = await command(socket, 'lease4-get-all', undefined, 1500)
  return z.array(KeaLease).parse(reply.arguments?.leases ?? [])
}

/** The leases a Kea has given. Throws when it does not answer. */
export async function observeLeases(socket: string): Promise<Lease[]> {
  return (await allLeases(socket)).flatMap(lease => {
    const address = parseIpv4(lease['ip-address'])
    const mac = parseMac(lease['hw-address'])
    const isInUse = lease.state === 0
    return address && mac && isInUse
      ? [{ address, mac, since: lease.cltt, expires: lease.cltt + lease['valid-lft'] }]
      : []
  })
}

/** Whose lease may live on: the address, the hardware address, and the subnet it belongs to now. */
export interface LeaseHolder {
  readonly address: Ipv4
  readonly mac: string
  readonly subnetId: number
}

/**
 * Hands leases given by one Kea since the other was started over to that other one.
 * Returns how many. Throws when one of them does not answer.
 */
export async function handOver(from: string, to: string, holders: readonly LeaseHolder[]): Promise<number> {
  const [given, known] = await Promise.all([allLeases(from), allLeases(to)])
  const knownSince = new Map(known.map(lease => [lease['ip-address'], lease.cltt]))
  const newer = given.flatMap(lease => {
    const holder = holders.find(
      ({ address, mac }) => address === lease['ip-address'] && mac === lease['hw-address'],
    )
    const isNews = lease.state === 0 && (knownSince.get(lease['ip-address']) ?? -1) < lease.cltt
    return holder && isNews ? [{ lease, holder }] : []
  })
  for (const { lease, holder } of newer) {
    await command(to, 'lease4-update', {
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
    'valid-lft': lease['valid-lft'],
    expire: lease.cltt + lease['valid-lft'],
    hostname: typeof lease.hostname === 'string' ? lease.hostname : '',
  }
}
