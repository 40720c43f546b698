import { DESCRIBE_ROUTING, type RoutingChange } from '../routing/change.ts'
import type { KernelSetting } from '../routing/forwarding.ts'
import { utc } from '../text/utc.ts'
import type { Descriptions } from '../values/describe.ts'
import type { Announcement } from './announcement.ts'

/** One step from what is announced to what should be. */
export type AnnounceChange = RoutingChange | BirdChange | ({ readonly kind: 'sysctl-set' } & KernelSetting)

export type BirdChange =
  /** `former`: the process id of a BIRD that no longer answers, to be ended first. */
  | { readonly kind: 'bird-start'; readonly former?: number }
  | { readonly kind: 'bird-configure' }
  | { readonly kind: 'bird-stop'; readonly pid: number }
  | { readonly kind: 'announce'; readonly announcement: Announcement }
  /** BIRD announces it by itself as soon as its port is up. */
  | { readonly kind: 'standby-set'; readonly announcement: Announcement }
  | { readonly kind: 'standby-remove'; readonly announcement: Announcement }
  | { readonly kind: 'withdraw'; readonly announcement: Announcement }

/** One sentence each, in plain words. */
export const DESCRIBE_ANNOUNCING: Descriptions<AnnounceChange> = {
  ...DESCRIBE_ROUTING,
  'sysctl-set': ({ name, value }) => `set ${name} to ${value}`,
  'bird-start': ({ former }) =>
    former === undefined
      ? 'start BIRD'
      : `end BIRD process ${former}, which does not answer, and start another`,
  'bird-configure': () => 'configure BIRD anew',
  'bird-stop': ({ pid }) => `end BIRD process ${pid}`,
  announce: ({ announcement: { prefix, vmid, blackhole } }) =>
    `announce ${prefix} for guest ${vmid}${blackhole === undefined ? '' : `, to be dropped until ${utc(blackhole * 1000)}`}`,
  'standby-set': ({ announcement: { prefix, vmid, port } }) =>
    `have BIRD announce ${prefix} for guest ${vmid} as soon as ${port} is up`,
  'standby-remove': ({ announcement: { prefix, vmid } }) =>
    `no longer have BIRD announce ${prefix} for guest ${vmid} by itself`,
  withdraw: ({ announcement }) => `withdraw ${announcement.prefix} of guest ${announcement.vmid}`,
}
