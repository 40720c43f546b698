import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from '../lab/clients/raw.ts'
import { type Client6, type RawClient6, type Told6, TYPE } from '../lab/clients6/raw.ts'
import type { Solicitor } from '../lab/clients6/solicitor.ts'
import type { GuestPort } from '../lab/guest.ts'
import { monotonicMs } from '../lab/wire.ts'
import type { World } from './world.ts'

/** Longer than anything here may take. */
const PATIENCE_MS = 120_000

/** When every running guest had been offered an address, on the clock of `monotonicMs`. */
export interface EveryoneOffered {
  /** The last of a few guests that ask all the time. */
  readonly fewAt: number
  /** The last of all; from `fewAt` on this is the time it takes to ask so many. */
  readonly allAt: number
}

/**
 * Waits until every running guest is offered its address. Only a few ask until they are: what nobody takes at the port
 * floods its network, and hundreds who ask at once would be most of what is measured.
 */
export async function everyoneOffered({ node, running }: World): Promise<EveryoneOffered> {
  const few = running.filter((_, index) => index % Math.ceil(running.length / 6) === 0)
  const ask = (vmids: readonly number[], everyMs: number) =>
    lastOffered(
      vmids.map(vmid => node.guest(vmid).port()),
      everyMs,
    )
  const fewAt = await ask(few, 20)
  return { fewAt, allAt: await ask(running, 250) }
}

async function lastOffered(ports: readonly GuestPort[], everyMs: number): Promise<number> {
  const clients: RawClient[] = []
  try {
    const offers = ports.map(async port => {
      const client = await RawClient.open(port)
      clients.push(client)
      return await offeredAt(client, port, everyMs)
    })
    return Math.max(...(await Promise.all(offers)))
  } finally {
    await closeAll(clients, ports)
  }
}

/**
 * Not before all are through, and waiting for it: the kernel takes milliseconds to close a raw socket, and every frame
 * behind it would wait.
 */
async function closeAll(clients: readonly RawClient[], [any]: readonly GuestPort[]): Promise<void> {
  for (const client of clients) client.close()
  // The wire obeys in order: when this one is open, the others are closed.
  if (any) (await RawClient.open(any)).close()
}

/** When a guest that asks again and again is offered an address, or the one that is awaited. */
export async function offeredAt(
  client: RawClient,
  { guest }: GuestPort,
  everyMs: number,
  address?: string,
): Promise<number> {
  const until = (lease: { address: string }) => address === undefined || lease.address === address
  const probe = await client.probe({ everyMs, timeoutMs: PATIENCE_MS, until })
  if (!probe) throw new Error(`${guest.netns} was not offered ${address ?? 'an address'} in time`)
  return probe.offeredAt
}

/** When a guest that asks again and again is advertised its IPv6 address, or the one that is awaited. */
export async function advertisedAt(
  client: RawClient6,
  port: GuestPort,
  everyMs: number,
  address?: string,
): Promise<number> {
  const until = ({ addresses }: Told6) =>
    address === undefined ? addresses.length > 0 : addresses.includes(address)
  const told = await client.ask(TYPE.solicit, clientOf(port), { everyMs, timeoutMs: PATIENCE_MS, until })
  if (!told) throw new Error(`${port.guest.netns} was not advertised ${address ?? 'an address'} in time`)
  return told.at
}

/** When a guest that solicits again and again is told of its router. */
export async function toldOfRouterAt(
  client: Solicitor,
  { guest }: GuestPort,
  everyMs: number,
): Promise<number> {
  const told = await client.ask({ everyMs, timeoutMs: PATIENCE_MS })
  if (!told) throw new Error(`${guest.netns} was not told of a router in time`)
  return told.at
}

/** A guest as DHCPv6 knows it: a DUID-LL. */
export function clientOf({ mac }: GuestPort): Client6 {
  return { duid: Buffer.from(`00030001${mac.replaceAll(':', '')}`, 'hex') }
}

/** A client on a link that has just appeared. */
export interface NewPort<Client> {
  readonly client: Client
  /** A moment, at most a millisecond or so before the link appeared, when it was not there yet. */
  readonly before: number
}

/** Opens a guest's link as soon as it is there. */
export async function openWhenThere<Client>(
  port: GuestPort,
  kind: { open(port: GuestPort): Promise<Client> },
): Promise<NewPort<Client>> {
  const deadline = monotonicMs() + PATIENCE_MS
  let before = monotonicMs()
  for (;;) {
    const now = monotonicMs()
    try {
      return { client: await kind.open(port), before }
    } catch (absent) {
      if (now > deadline) throw absent
      before = now
      await pause(1)
    }
  }
}
