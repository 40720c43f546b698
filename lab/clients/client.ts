import { eventually } from '../eventually.ts'
import type { GuestPort } from '../guest.ts'
import type { Lease } from './lease.ts'

/** A DHCP client as guests have them. */
export interface DhcpClient<Told = Lease> {
  readonly name: string
  /** Starts it on a guest's link; it goes on, and renews, until stopped. */
  start(port: GuestPort): Promise<RunningClient<Told>>
}

export interface RunningClient<Told = Lease> {
  /** The latest lease it has applied. */
  lease(): Told | undefined
  /** Ends it; what it applied to the guest stays. */
  stop(): Promise<void>
}

/** Leases once: starts the client, waits for a lease, stops the client. `undefined` if there is none in time. */
export async function lease<Told = Lease>(
  client: DhcpClient<Told>,
  port: GuestPort,
  { timeoutMs = 15_000 } = {},
): Promise<Told | undefined> {
  const running = await client.start(port)
  try {
    return await eventually(`a lease by ${client.name}`, () => running.lease(), { timeoutMs })
  } catch {
    return undefined
  } finally {
    await running.stop()
  }
}
