/** Why the line is run: what rang. It says that something may have changed, never what. */
export type RingReason =
  | 'start'
  | 'timer'
  | 'link'
  | 'nftables'
  | 'routing'
  | 'file'
  /** Once more for a file that seemed to be half written. */
  | 'file again'
  | 'version'
  | 'health'
  | 'daemon ended'
  /** A Kea or an advertiser has come up in the background, or a Kea was told what to serve; or it failed. */
  | 'daemon up'
  | 'router sought'
  /** A guest has taken an address by DHCP, and may give up its former one. */
  | 'lease'
  | 'monitor begun'
  | 'monitor gap'
  | 'look failed'
  | 'asked'
  | 'status'

/** These say nothing of the cluster's files, so that what its list of them tells is enough. */
const NOT_OF_FILES: ReadonlySet<RingReason> = new Set([
  'link',
  'nftables',
  'routing',
  'daemon ended',
  'daemon up',
  'router sought',
  'lease',
])

/** Whether guests' files may be others though the cluster's list of them is the same. */
export function mayConcernFiles(reasons: readonly RingReason[]): boolean {
  return !reasons.every(reason => NOT_OF_FILES.has(reason))
}

/** What the agent remembers of the node, to save a look. */
export type Remembered = 'links' | 'ports' | 'guard' | 'routing' | 'forwarding'

const ALL: readonly Remembered[] = ['links', 'ports', 'guard', 'routing', 'forwarding']
const NOTHING: readonly Remembered[] = []

/** What is no longer good after a ring and has to be looked at again. */
export const FORGOTTEN: Readonly<Record<RingReason, readonly Remembered[]>> = {
  start: ALL,
  timer: ALL,
  health: ALL,
  'monitor begun': ALL,
  'monitor gap': ALL,
  'look failed': ALL,
  nftables: ['ports', 'guard'],
  routing: ['routing', 'forwarding'],
  // These say nothing about the nftables tables or the kernel's routes, and a link that changes is looked at by itself.
  link: NOTHING,
  file: NOTHING,
  'file again': NOTHING,
  version: NOTHING,
  'daemon ended': NOTHING,
  'daemon up': NOTHING,
  'router sought': NOTHING,
  lease: NOTHING,
  asked: NOTHING,
  status: NOTHING,
}
