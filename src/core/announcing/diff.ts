import { diffRouting } from '../routing/diff.ts'
import { missingForwarding } from '../routing/forwarding.ts'
import { describeNetwork } from '../values/network.ts'
import type { Announcement } from './announcement.ts'
import type { AnnounceChange } from './change.ts'
import { type AnnounceObservation, announcedBy, type ObservedBird } from './observation.ts'
import type { AnnounceTarget } from './target.ts'

/** The steps to what should be announced: the kernel first, so that what is called here finds its way. */
export function diffAnnouncing(target: AnnounceTarget, observed: AnnounceObservation): AnnounceChange[] {
  const settings =
    target.forwarding && observed.forwarding ? missingForwarding(target.forwarding, observed.forwarding) : []
  return [
    ...settings.map(setting => ({ kind: 'sysctl-set', ...setting }) as const),
    ...diffRouting(target.routing, observed.routing),
    ...diffBird(target.bird, observed.bird),
  ]
}

function diffBird(wanted: AnnounceTarget['bird'], bird: ObservedBird): AnnounceChange[] {
  if (!wanted) return bird.state === 'absent' ? [] : [{ kind: 'bird-stop', pid: bird.pid }]
  const known = announcedBy(bird)
  return [
    ...daemonChange(wanted.files.config, bird),
    ...without(wanted.announcements, known).map(
      announcement => ({ kind: 'announce', announcement }) as const,
    ),
    ...without(known, wanted.announcements).map(
      announcement => ({ kind: 'withdraw', announcement }) as const,
    ),
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
  const known = new Set(others.map(keyOf))
  return all.filter(announcement => !known.has(keyOf(announcement)))
}

function keyOf({ prefix, vmid, network, device, communities, blackhole, since }: Announcement): string {
  return `${prefix} ${vmid} ${network && describeNetwork(network)} ${device} ${since} ${blackhole ?? ''} ${communities.join(' ')}`
}
