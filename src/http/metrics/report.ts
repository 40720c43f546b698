import { PROBLEM_CODES } from '../../core/problem/problem.ts'
import { SEVERITY } from '../../core/problem/severity.ts'
import { missingServers } from '../../core/report/missingServers.ts'
import type { NicReport, NicState } from '../../core/report/nicRow.ts'
import type { Report } from '../../core/report/report.ts'
import { groupBy } from '../../core/values/collection.ts'
import { flag, type Sample, type ShownMetric } from './shown.ts'

/** A guest is as its NIC that is worst off. */
const WORST_FIRST: readonly NicState[] = ['refused', 'pending', 'served', 'stopped', 'left-alone']

/** What is wrong, the guests, and what all depends on. */
export const REPORT_METRICS: readonly ShownMetric[] = [
  {
    type: 'gauge',
    name: 'guestnet_look_timestamp_seconds',
    help: 'When the agent last looked at the node as a whole, in Unix time; it does so each minute at least.',
    labels: [],
    samples: ({ time }) => [[{}, time / 1000]],
  },
  {
    type: 'gauge',
    name: 'guestnet_problems',
    help: 'Problems, by code as docs/problems.md explains them.',
    labels: ['code', 'severity'],
    samples: ({ problems }) =>
      PROBLEM_CODES.map(code => [
        { code, severity: SEVERITY[code] },
        problems.filter(problem => problem.code === code).length,
      ]),
  },
  {
    type: 'gauge',
    name: 'guestnet_policy_stale',
    help: '1 while the policy is invalid, so that the last good one holds, or none.',
    labels: [],
    samples: ({ policy }) => [[{}, flag(policy === 'last-good' || policy === 'none')]],
  },
  {
    type: 'gauge',
    name: 'guestnet_cluster_readable',
    help: "0 while the cluster's configuration cannot be read as a whole, so that nothing is taken away.",
    labels: [],
    samples: ({ complete }) => [[{}, flag(complete)]],
  },
  {
    type: 'gauge',
    name: 'guestnet_guests',
    help: 'Guests of this node with a static address, each counted once, by the state of the NIC that is worst off.',
    labels: ['state'],
    samples: ({ nics }) => guestStates(nics),
  },
  {
    type: 'gauge',
    name: 'guestnet_nics',
    help: 'NICs of this node with a static address, by address family and state.',
    labels: ['family', 'state'],
    samples: ({ nics }) =>
      (['ipv4', 'ipv6'] as const).flatMap(family =>
        WORST_FIRST.map(
          (state): Sample => [
            { family, state },
            nics.filter(nic => nic.family === family && nic.state === state).length,
          ],
        ),
      ),
  },
  {
    type: 'gauge',
    name: 'guestnet_guarded_ports',
    help: 'Ports of guests that the guard keeps to what is their own; state: guarded, pending.',
    labels: ['state'],
    samples: ({ guard }) =>
      (['guarded', 'pending'] as const).map(state => [
        { state },
        (guard?.ports ?? []).filter(port => port.state === state).length,
      ]),
  },
  {
    type: 'gauge',
    name: 'guestnet_leases',
    help: 'Addresses that guests have leased from the Keas of this node.',
    labels: [],
    samples: (_, { leases }) => (leases === undefined ? [] : [[{}, leases]]),
  },
  {
    type: 'gauge',
    name: 'guestnet_kea_up',
    help: '1 if a Kea answers; 0, too, of one that is needed and not there, or not yet.',
    labels: ['server'],
    samples: report => [
      ...report.servers.map(({ state, ...kea }): Sample => [nameOf(kea), flag(state === 'answering')]),
      ...missingServers(report).map((server): Sample => [{ server }, 0]),
    ],
  },
  {
    type: 'gauge',
    name: 'guestnet_kea_offers',
    help: 'Addresses that a Kea has to offer.',
    labels: ['server'],
    samples: ({ servers }) => servers.map(({ offers, ...kea }) => [nameOf(kea), offers]),
  },
]

function guestStates(nics: readonly NicReport[]): Sample[] {
  const worst = [...groupBy(nics, ({ vmid }) => vmid).values()].map(own =>
    WORST_FIRST.find(state => own.some(nic => nic.state === state)),
  )
  return WORST_FIRST.map(state => [{ state }, worst.filter(one => one === state).length])
}

/** A Kea of another version does not say which server it is. */
function nameOf({ server, slot }: Pick<Report['servers'][number], 'server' | 'slot'>): { server: string } {
  return { server: server ?? `slot-${slot}` }
}
