import { setTimeout as pause } from 'node:timers/promises'
import { KeaOnBridge } from './predecessor/kea.ts'
import { networksOf } from './predecessor/networks.ts'

export interface PredecessorOptions {
  readonly pveRoot: string
  readonly node: string
  /** A folder of its own. */
  readonly dir: string
}

const POLL_MS = 5000

/**
 * How guests got their addresses before guestnet, written anew: a network namespace, a veth pair and a Kea for each
 * bridge that guests are on, which with Proxmox's firewall is one for each NIC. Every five seconds everything is read
 * again, and each Kea whose configuration is another now is started anew. Runs until it is told to end.
 */
export async function runPredecessor({ pveRoot, node, dir }: PredecessorOptions): Promise<never> {
  const keas = new Map<string, KeaOnBridge>()
  process.once('SIGTERM', () => {
    void Promise.all([...keas.values()].map(kea => kea.remove())).finally(() => process.exit(0))
  })
  for (;;) {
    await look(keas, { pveRoot, node, dir })
    await pause(POLL_MS)
  }
}

async function look(keas: Map<string, KeaOnBridge>, { pveRoot, node, dir }: PredecessorOptions) {
  const networks = networksOf(pveRoot, node)
  for (const [bridge, kea] of keas) {
    if (networks.has(bridge)) continue
    await kea.remove()
    keas.delete(bridge)
  }
  for (const [bridge, reservations] of networks) {
    const kea = keas.get(bridge) ?? new KeaOnBridge(bridge, dir)
    keas.set(bridge, kea)
    await kea.serve(reservations)
  }
}
