import { lease } from '../clients/client.ts'
import { withRawClient } from '../clients/raw.ts'
import type { GuestPort } from '../guest.ts'
import { addressIn, nameOf, type Role } from './cast.ts'
import type { Narrator } from './narrate.ts'
import type { Stage } from './stage.ts'

/**
 * Asks at a guest's port until its own address is offered. Returns when that was, on the clock of `monotonicMs`; throws if
 * it never was.
 */
export async function offeredAt(port: GuestPort, ip: string): Promise<number> {
  const probe = await withRawClient(port, client =>
    client.probe({ timeoutMs: 15_000, until: ({ address }) => address === addressIn(ip) }),
  )
  if (probe === undefined) throw new Error(`guest ${port.guest.config.vmid} was never offered ${ip}`)
  return probe.offeredAt
}

/** What a guest has after its own client has leased. */
export interface Taken {
  readonly role: Role
  /** The address its configuration gives it. */
  readonly ip: string
  /** What the client applied, or, of a replay, what it was told: `address/length` each. */
  readonly addresses: readonly string[]
  /** `ip addr` inside the guest. */
  readonly shown: string
}

const SHOW = ['-br', '-4', 'addr', 'show', 'dev', 'eth0']

/** Leases with a guest's own client, which finds the guest without any address. */
export async function takeLease(stage: Stage, role: Role): Promise<Taken> {
  const guest = stage.node.guest(role.vmid)
  const ip = stage.ipOf(role)
  await guest.run('ip', ['-4', 'addr', 'flush', 'dev', 'eth0'])
  const leased = await lease(role.client, guest.port())
  if (role.isReplay) {
    const addresses = leased === undefined ? [] : [`${leased.address}/${leased.prefixLength}`]
    return { role, ip, addresses, shown: '' }
  }
  return { role, ip, addresses: await guest.addresses(), shown: await guest.run('ip', SHOW) }
}

/** Shows that a guest has taken its address, and no other. */
export function tellTaken(tell: Narrator, { role, ip, addresses, shown }: Taken): void {
  if (!role.isReplay) tell.shell(role.name, `ip ${SHOW.join(' ')}`, shown)
  const told = addresses.join(' ') || 'nothing'
  const verb = role.isReplay ? 'was told (ACK)' : 'took'
  tell.expect(`${nameOf(role)} ${verb} ${told}${told === ip ? '' : `, not ${ip}`}`, told === ip)
}
