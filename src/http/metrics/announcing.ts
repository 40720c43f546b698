import type { AnnouncingReport } from '../../core/report/announcing.ts'
import type { Report } from '../../core/report/report.ts'
import { flag, type Sample, type ShownMetric } from './shown.ts'

/** What is announced; all absent where nothing is. */
export const ANNOUNCING_METRICS: readonly ShownMetric[] = [
  {
    type: 'gauge',
    name: 'guestnet_bird_up',
    help: "1 if guestnet's BIRD answers; absent where BGP is somebody else's.",
    labels: [],
    samples: of(({ bird }) => (bird ? [[{}, flag(bird.state === 'running')]] : [])),
  },
  {
    type: 'gauge',
    name: 'guestnet_peer_up',
    help: '1 if the BGP session with a peer is established.',
    labels: ['peer'],
    samples: of(({ peers }) => peers.map(({ peer, isUp }) => [{ peer }, flag(isUp)])),
  },
  {
    type: 'gauge',
    name: 'guestnet_peer_routes',
    help: 'Routes of a BGP session as BIRD counts them, by address family; direction: imported, exported.',
    labels: ['peer', 'family', 'direction'],
    samples: of(({ peers }) =>
      peers.flatMap(({ peer, channels = [] }) =>
        channels.flatMap(({ family, imported, exported }): Sample[] => [
          [{ peer, family, direction: 'imported' }, imported],
          [{ peer, family, direction: 'exported' }, exported],
        ]),
      ),
    ),
  },
  {
    type: 'gauge',
    name: 'guestnet_announcements',
    help: 'Prefixes of guests that run here and are to be announced.',
    labels: ['family'],
    samples: of(({ announcements }) =>
      (['ipv4', 'ipv6'] as const).map(family => [
        { family },
        announcements.filter(({ prefix }) => prefix.includes(':') === (family === 'ipv6')).length,
      ]),
    ),
  },
  {
    type: 'gauge',
    name: 'guestnet_announcements_standby',
    help: 'Prefixes of guests that do not run here now, which BIRD announces by itself when their ports come up.',
    labels: [],
    samples: of(({ standby }) => [[{}, standby.length]]),
  },
  {
    type: 'gauge',
    name: 'guestnet_announcements_withheld',
    help: 'Addresses of guests that run here and are not announced, such as those outside the policy.',
    labels: [],
    samples: of(({ withheld }) => [[{}, withheld.length]]),
  },
  {
    type: 'gauge',
    name: 'guestnet_drained',
    help: '1 while the node is drained, or about to be.',
    labels: [],
    samples: of(({ drained }) => [[{}, flag(drained !== 'no')]]),
  },
]

function of(samples: (announcing: AnnouncingReport) => Sample[]): (report: Report) => Sample[] {
  return ({ announcing }) => (announcing ? samples(announcing) : [])
}
