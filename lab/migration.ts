import { setTimeout as pause } from 'node:timers/promises'
import type { LabNode } from './node.ts'
import type { Ping } from './pings.ts'
import { monotonicMs } from './wire.ts'

export interface MigrationPlan {
  readonly vmid: number
  readonly from: LabNode
  readonly to: LabNode
  /** `ip -batch` lines: what the guest has configured, which its memory carries along. */
  readonly memory: readonly string[]
  /** While its memory is copied: the target's port is there, the guest still runs on the source. */
  readonly copy: () => Promise<unknown>
}

/** On the clock of `monotonicMs`. */
export interface Migrated {
  readonly pausedAt: number
  readonly renamedAt: number
  readonly resumedAt: number
}

/** From the rename to the guest's resumption, milliseconds; with what Proxmox VE does on a quick network. */
const PAUSE_MS = 100

/**
 * Migrates a guest live, in the order of QemuMigrate.pm (phase3_cleanup): the target's port, the copy, the source's pause,
 * the rename of the configuration, the target's resumption, the end of the source's port. The lab's guest is the addresses
 * it has: paused it has none, and on the target it has them from its resumption on.
 */
export async function migrate({ vmid, from, to, memory, copy }: MigrationPlan): Promise<Migrated> {
  const target = await to.start(vmid)
  await copy()
  const pausedAt = monotonicMs()
  await from.guest(vmid).ip(['addr flush dev eth0'])
  const renamedAt = monotonicMs()
  from.tree.move(vmid, to.name)
  await pause(PAUSE_MS)
  await target.ip(memory)
  const resumedAt = monotonicMs()
  await from.stop(vmid)
  return { pausedAt, renamedAt, resumedAt }
}

/** When a ping without an answer was sent is reckoned from the one before it, and a busy machine sends it later than that. */
const RECKONED_MS = 30

/** Pings without an answer that did not fall into the guest's own pause, in which nobody could have answered. */
export function lostBesides({ pausedAt, resumedAt }: Migrated, pings: readonly Ping[]): number {
  const isBesides = ({ sentAt }: Ping) => sentAt < pausedAt - RECKONED_MS || sentAt > resumedAt
  return pings.filter(ping => !ping.answered && isBesides(ping)).length
}
