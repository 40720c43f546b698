import { describeRoutingChange, type RoutingChange } from '../routing/change.ts'
import type { KernelSetting } from '../routing/forwarding.ts'
import type { Descriptions } from '../values/describe.ts'
import type { Announcement } from './announcement.ts'

/** One step from what is announced to what should be. */
export type AnnounceChange =
  | ({ readonly kind: 'sysctl-set' } & KernelSetting)
  | { readonly kind: 'routing'; readonly table: number; readonly step: RoutingChange }
  /** `former`: the process id of a BIRD that no longer answers, to be ended first. */
  | { readonly kind: 'bird-start'; readonly former?: number }
  | { readonly kind: 'bird-configure' }
  | { readonly kind: 'bird-stop'; readonly pid: number }
  | { readonly kind: 'announce'; readonly announcement: Announcement }
  | { readonly kind: 'withdraw'; readonly announcement: Announcement }

/** One sentence each, in plain words. */
export const DESCRIBE_ANNOUNCING: Descriptions<AnnounceChange> = {
  'sysctl-set': change => `set ${change.name} to ${change.value}`,
  routing: change => describeRoutingChange(change.step, change.table),
  'bird-start': change =>
    change.former === undefined ? 'start BIRD' : `start BIRD in place of ${change.former}`,
  'bird-configure': () => 'configure BIRD anew',
  'bird-stop': change => `end BIRD ${change.pid}`,
  announce: change => `announce ${change.announcement.prefix} for guest ${change.announcement.vmid}`,
  withdraw: change => `withdraw ${change.announcement.prefix} of guest ${change.announcement.vmid}`,
}
