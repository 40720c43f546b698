import { eventually } from '../eventually.ts'
import type { GuestPort } from '../guest.ts'

/** What a client was told by DHCPv6, the same whatever client it is. */
export interface Lease6 {
  readonly address: string
  readonly dns: readonly string[]
  readonly search: readonly string[]
}

/** A DHCPv6 client as guests have them. */
export interface DhcpClient6 {
  readonly name: string
  /** Starts it on a guest's link; it goes on, and renews, until stopped. */
  start(port: GuestPort): Promise<RunningClient6>
}

export interface RunningClient6 {
  /** The latest lease it has applied. */
  lease(): Lease6 | undefined
  /** Ends it; what it applied to the guest stays. */
  stop(): Promise<void>
}

/** Leases once: starts the client, waits for a lease, stops the client. `undefined` if there is none in time. */
export async function lease6(
  client: DhcpClient6,
  port: GuestPort,
  { timeoutMs = 20_000 } = {},
): Promise<Lease6 | undefined> {
  const running = await client.start(port)
  try {
    return await eventually(`a lease by ${client.name}`, () => running.lease(), { timeoutMs })
  } catch {
    return undefined
  } finally {
    await running.stop()
  }
}
