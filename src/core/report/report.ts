import type { Change } from '../change.ts'
import type { Intent } from '../dhcp/intent.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { PortChain } from '../dhcp/observation.ts'
import { nicKeyOf, type Offer } from '../dhcp/offer.ts'
import type { Settings } from '../node/settings.ts'
import type { Observation } from '../observation.ts'
import type { Problem } from '../problem/problem.ts'
import type { AnnouncingReport } from './announcing.ts'

/**
 * Where a NIC is on its way to an address: `served` at its port, `stopped` (offered as soon as it has a port), `pending`
 * (it has a port that is not served yet), `refused` (see `reason`).
 */
export type NicState = 'served' | 'stopped' | 'pending' | 'refused'

export interface NicReport {
  readonly vmid: number
  readonly nic: number
  readonly state: NicState
  readonly reason?: string
  readonly offer?: Offer
  /** Number of the Kea that offers it. */
  readonly server?: number
  /** DHCP messages taken at its port since that was set up. */
  readonly requests?: number
  readonly lease?: Lease
}

export interface ServerReport {
  readonly server: number
  readonly slot: number
  readonly pid: number
  readonly state: 'answering' | 'silent' | 'dead'
  readonly offers: number
}

/** What should be, what is, and what is wrong: `status`, `explain` and everything else that tells is made from this. */
export interface Report {
  readonly node: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** Every guest could be read. */
  readonly complete: boolean
  readonly policy: 'file' | 'default' | 'last-good' | 'none'
  readonly nics: readonly NicReport[]
  readonly servers: readonly ServerReport[]
  /** Absent: nothing is announced. */
  readonly announcing?: AnnouncingReport
  readonly problems: readonly Problem[]
}

export interface ReportInput {
  readonly settings: Pick<Settings, 'node' | 'name'>
  readonly policy: Report['policy']
  readonly complete: boolean
  readonly intent: Intent
  readonly observation: Observation
  /** What was done about the difference; empty when only looking. */
  readonly done: readonly { readonly change: Change; readonly failure?: string }[]
  readonly announcing?: AnnouncingReport | undefined
  readonly problems: readonly Problem[]
  readonly time: number
}

export function report(input: ReportInput): Report {
  const { settings, policy, complete, problems, time } = input
  return {
    node: settings.node,
    name: settings.name,
    time,
    complete,
    policy,
    nics: nicReports(input),
    servers: serverReports(input),
    ...(input.announcing && { announcing: input.announcing }),
    problems: [...new Map(problems.map(problem => [JSON.stringify(problem), problem])).values()],
  }
}

function nicReports({ intent, observation, done }: ReportInput): NicReport[] {
  const servers = new Map(
    [...intent.servers].flatMap(([server, offers]) => offers.map(o => [nicKeyOf(o), server])),
  )
  const succeeded = done.filter(({ failure }) => failure === undefined).map(({ change }) => change)
  const served = new Set([
    ...observation.ports.chains.keys(),
    ...succeeded.flatMap(change => (change.kind === 'port-serve' ? [change.port.link] : [])),
  ])
  for (const { change, failure } of done) {
    if (change.kind === 'port-serve' && failure !== undefined) served.delete(change.port.link)
  }
  const offered = intent.offers.map((offer): NicReport => {
    const server = servers.get(nicKeyOf(offer))
    const hasPort = observation.links.has(offer.link)
    const state = hasPort ? (served.has(offer.link) ? 'served' : 'pending') : 'stopped'
    return {
      vmid: offer.vmid,
      nic: offer.nic,
      state,
      offer,
      ...(server === undefined ? {} : { server }),
      ...(state === 'served' ? { requests: observation.ports.chains.get(offer.link)?.packets ?? 0 } : {}),
    }
  })
  const refused = intent.refused.map(
    ({ vmid, nic, reason }): NicReport => ({ vmid, nic, state: 'refused', reason }),
  )
  return [...offered, ...refused].toSorted((a, b) => a.vmid - b.vmid || a.nic - b.nic)
}

function serverReports({ observation, done }: ReportInput): ServerReport[] {
  const started = done.flatMap(({ change, failure }) =>
    change.kind === 'server-start' && failure === undefined
      ? [
          {
            server: change.server,
            slot: change.slot,
            pid: 0,
            state: 'answering' as const,
            offers: change.offers.length,
          },
        ]
      : [],
  )
  const retired = new Set(
    done.flatMap(({ change, failure }) =>
      change.kind === 'server-retire' && failure === undefined ? [change.slot] : [],
    ),
  )
  const running = observation.slots.flatMap(({ number, kea }) =>
    kea && !retired.has(number)
      ? [{ server: kea.server, slot: number, pid: kea.pid, state: kea.state, offers: kea.offers.length }]
      : [],
  )
  return [...running, ...started].toSorted((a, b) => a.server - b.server)
}

/** The report with what the guests have taken. */
export function withLeases(report: Report, leases: readonly Lease[]): Report {
  const byMac = new Map(leases.map(lease => [lease.mac, lease]))
  return {
    ...report,
    nics: report.nics.map(nic => {
      const lease = nic.offer && byMac.get(nic.offer.mac)
      return lease ? { ...nic, lease } : nic
    }),
  }
}

/** The report with the messages counted until now. */
export function withRequests(report: Report, chains: ReadonlyMap<string, PortChain>): Report {
  return {
    ...report,
    nics: report.nics.map(nic => {
      const chain = nic.offer && chains.get(nic.offer.link)
      return chain && nic.requests !== undefined ? { ...nic, requests: chain.packets } : nic
    }),
  }
}
