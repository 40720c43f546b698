import type { GuestType, Vmid } from '../../core/guest/names.ts'
import { assertNever } from '../../core/values/brand.ts'

/** A guest of this node. */
export interface HookedGuest {
  readonly type: GuestType
  readonly vmid: Vmid
  /** The volume in its configuration. */
  readonly hookscript?: string
}

/** Something to be done about hookscripts. */
export type HookStep =
  | { readonly kind: 'write'; readonly path: string; readonly text: string; readonly vmid?: Vmid }
  | { readonly kind: 'set'; readonly type: GuestType; readonly vmid: Vmid; readonly volume: string }
  | { readonly kind: 'unset'; readonly type: GuestType; readonly vmid: Vmid }

/** Proxmox's own command for a step that changes a guest's configuration. */
export function commandOf(step: Exclude<HookStep, { kind: 'write' }>): [program: string, ...args: string[]] {
  const program = step.type === 'qemu' ? 'qm' : 'pct'
  const how = step.kind === 'set' ? ['--hookscript', step.volume] : ['--delete', 'hookscript']
  return [program, 'set', String(step.vmid), ...how]
}

export function describeStep(step: HookStep): string {
  switch (step.kind) {
    case 'write':
      return `write ${step.path}`
    case 'set':
    case 'unset':
      return commandOf(step).join(' ')
    default:
      return assertNever(step)
  }
}
