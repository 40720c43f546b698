import type { ShownMetric } from './shown.ts'

/** What Kea counts itself, from when it was started; asked for once a minute. */
export const KEA_METRICS: readonly ShownMetric[] = [
  {
    type: 'counter',
    name: 'guestnet_kea_messages_total',
    help: 'DHCP messages as Kea counts them; direction: received, sent.',
    labels: ['server', 'message', 'direction'],
    samples: (_, { keas }) =>
      keas.flatMap(({ server, messages }) =>
        messages.map(({ message, direction, count }) => [{ server, message, direction }, count] as const),
      ),
  },
  {
    type: 'counter',
    name: 'guestnet_kea_refused_total',
    help: 'DHCP messages that Kea could not read (parse-failed) or did not answer (receive-drop).',
    labels: ['server', 'reason'],
    samples: (_, { keas }) =>
      keas.flatMap(({ server, refused }) =>
        refused.map(({ reason, count }) => [{ server, reason }, count] as const),
      ),
  },
]
