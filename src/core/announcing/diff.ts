import type { Links } from '../node/link.ts'
import { diffRouting } from '../routing/diff.ts'
import { missingForwarding } from '../routing/forwarding.ts'
import { type Announcement, announcementKey, announcementText } from './announcement.ts'
import { type ByGuest, byGuest } from './byGuest.ts'
import type { AnnounceChange } from './change.ts'
import { type AnnounceObservation, announcedBy, type ObservedBird } from './observation.ts'
import { isOnStandby } from './standby.ts'
import type { AnnounceTarget, BirdTarget } from './target.ts'

/** The steps to what should be announced: the kernel first, so that what is called here finds its way. */
export function diffAnnouncing(
  target: AnnounceTarget,
  observed: AnnounceObservation,
  links: Links,
): AnnounceChange[] {
  const settings =
    target.forwarding && observed.forwarding ? missingForwarding(target.forwarding, observed.forwarding) : []
  return [
    ...settings.map(setting => ({ kind: 'sysctl-set', ...setting }) as const),
    ...diffRouting(target.routing, observed.routing),
    ...diffBird(target.bird, observed.bird, links),
  ]
}

function diffBird(wanted: AnnounceTarget['bird'], bird: ObservedBird, links: Links): AnnounceChange[] {
  if (!wanted) return bird.state === 'absent' ? [] : [{ kind: 'bird-stop', pid: bird.pid }]
  return [...daemonChange(wanted.config, bird), ...diffAnnouncements(wanted, announcedBy(bird), links)]
}

function diffAnnouncements(
  wanted: Pick<BirdTarget, 'announcements' | 'standby'>,
  inForce: readonly Announcement[],
  links: Links,
): AnnounceChange[] {
  const { known, announcements, standby } = ofGuestsThatDiffer(wanted, inForce)
  const all = [...announcements, ...standby]
  return [
    ...without(announcements, known).map(announcement => ({ kind: 'announce', announcement }) as const),
    ...without(standby, known).map(announcement => ({ kind: 'standby-set', announcement }) as const),
    ...noLonger(known, all).map(announcement => {
      const kind = isOnStandby(announcement, links) ? 'standby-remove' : 'withdraw'
      return { kind, announcement } as const
    }),
  ]
}

/** Without the guests whose lists are the same values, which is nearly all of them. */
function ofGuestsThatDiffer(
  { announcements, standby }: Pick<BirdTarget, 'announcements' | 'standby'>,
  inForce: readonly Announcement[],
) {
  const [told, active, waiting] = [byGuest(inForce), byGuest(announcements), byGuest(standby)]
  const differing = [...new Set([...told.keys(), ...active.keys(), ...waiting.keys()])].filter(vmid => {
    const [first, second] = [active.get(vmid), waiting.get(vmid)]
    return (first && second) || told.get(vmid) !== (first ?? second)
  })
  const among = (lists: ByGuest) => differing.flatMap(vmid => lists.get(vmid) ?? [])
  return { known: among(told), announcements: among(active), standby: among(waiting) }
}

function daemonChange(config: string, bird: ObservedBird): AnnounceChange[] {
  switch (bird.state) {
    case 'absent':
      return [{ kind: 'bird-start' }]
    case 'silent':
      return [{ kind: 'bird-start', former: bird.pid }]
    case 'running':
      return bird.files?.config === config ? [] : [{ kind: 'bird-configure' }]
  }
}

function without(all: readonly Announcement[], others: readonly Announcement[]): Announcement[] {
  const known = new Set(others.map(announcementText))
  return all.filter(announcement => !known.has(announcementText(announcement)))
}

/** What is announced otherwise than before is not withdrawn. */
function noLonger(known: readonly Announcement[], wanted: readonly Announcement[]): Announcement[] {
  const keys = new Set(wanted.map(announcementKey))
  return known.filter(announcement => !keys.has(announcementKey(announcement)))
}
