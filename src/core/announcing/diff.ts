import type { Links } from '../node/link.ts'
import { diffRouting } from '../routing/diff.ts'
import { missingForwarding } from '../routing/forwarding.ts'
import { type Announcement, announcementKey, announcementText } from './announcement.ts'
import type { AnnounceChange } from './change.ts'
import { type AnnounceObservation, announcedBy, type ObservedBird } from './observation.ts'
import { isOnStandby } from './standby.ts'
import type { AnnounceTarget } from './target.ts'

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
  const known = announcedBy(bird)
  const { announcements, standby } = wanted
  const all = [...announcements, ...standby]
  return [
    ...daemonChange(wanted.files.config, bird),
    ...without(announcements, known).map(announcement => ({ kind: 'announce', announcement }) as const),
    ...without(standby, known).map(announcement => ({ kind: 'standby-set', announcement }) as const),
    ...noLonger(known, all).map(announcement => {
      const kind = isOnStandby(announcement, links) ? 'standby-remove' : 'withdraw'
      return { kind, announcement } as const
    }),
  ]
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
  const same = new Set(others)
  if (all.every(announcement => same.has(announcement))) return []
  const known = new Set(others.map(announcementText))
  return all.filter(announcement => !known.has(announcementText(announcement)))
}

/** What is announced otherwise than before is not withdrawn. */
function noLonger(known: readonly Announcement[], wanted: readonly Announcement[]): Announcement[] {
  const same = new Set(wanted)
  if (known.every(announcement => same.has(announcement))) return []
  const keys = new Set(wanted.map(announcementKey))
  return known.filter(announcement => !keys.has(announcementKey(announcement)))
}
