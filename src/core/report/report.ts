import type { Change } from '../change.ts'
import type { DhcpIntent } from '../dhcp/intent.ts'
import type { Lease } from '../dhcp/lease.ts'
import type { DeadKea, Kea, KeaProcess, PortChain, PortRule, Slot } from '../dhcp/observation.ts'
import type { ServerId } from '../dhcp/serverId.ts'
import { serviceOf } from '../dhcp/service.ts'
import { isEnding } from '../dhcp/slotUse.ts'
import type { Settings } from '../node/settings.ts'
import type { Observation } from '../observation.ts'
import type { PolicySource } from '../policy/policy.ts'
import { bounded } from '../problem/bounded.ts'
import type { Problem } from '../problem/problem.ts'
import { isDeliberate } from '../problem/refusal.ts'
import type { Family } from '../values/family.ts'
import type { Mac } from '../values/mac.ts'
import { memoOf } from '../values/memo.ts'
import type { AdvertisingReport } from './advertising.ts'
import type { AnnouncingReport } from './announcing.ts'
import type { GuardReport } from './guarding.ts'
import { hindranceOf, type NicReport, rowOf } from './nicRow.ts'
import { requestsOf, servedAt } from './served.ts'

/** Of the report's form: a field that is removed or means something else makes it another one. */
export const REPORT_VERSION = 1

export interface ServerReport {
  /** Absent: another version of guestnet started it. */
  readonly server?: ServerId
  readonly slot: number
  /** Absent: it is being started, was just now, or died. */
  readonly pid?: number
  /** `starting`: it comes up in the background, and nobody serves until then. */
  readonly state: 'answering' | 'starting' | 'silent' | 'dead'
  readonly offers: number
}

/** What should be, what is, and what is wrong: `status`, `explain` and everything else that tells is made from this. */
export interface Report {
  readonly version: typeof REPORT_VERSION
  readonly node: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** Every guest could be read. */
  readonly complete: boolean
  readonly policy: PolicySource
  readonly nics: readonly NicReport[]
  readonly servers: readonly ServerReport[]
  /** Absent: no port is guarded. */
  readonly guard?: GuardReport
  /** Absent: no guest is told of a router. */
  readonly advertising?: AdvertisingReport
  /** Absent: nothing is announced. */
  readonly announcing?: AnnouncingReport
  readonly problems: readonly Problem[]
}

export interface ReportInput {
  readonly settings: Pick<Settings, 'node' | 'name'>
  readonly policy: PolicySource
  readonly complete: boolean
  readonly intent: DhcpIntent
  /** What the guests are called; absent: not known. */
  readonly names?: ReadonlyMap<number, string>
  readonly observation: Observation
  /** What was done about the difference; empty when only looking. */
  readonly done: readonly { readonly change: Change; readonly failure?: string }[]
  readonly guard?: GuardReport | undefined
  readonly advertising?: AdvertisingReport | undefined
  readonly announcing?: AnnouncingReport | undefined
  readonly problems: readonly Problem[]
  readonly time: number
}

export function report(input: ReportInput): Report {
  const { settings, policy, complete, problems, time } = input
  return {
    version: REPORT_VERSION,
    node: settings.node,
    name: settings.name,
    time,
    complete,
    policy,
    nics: nicReports(input),
    servers: serverReports(input),
    ...(input.guard && { guard: input.guard }),
    ...(input.advertising && { advertising: input.advertising }),
    ...(input.announcing && { announcing: input.announcing }),
    problems: bounded(problems),
  }
}

function nicReports({ intent, observation, done, names }: ReportInput): NicReport[] {
  const servers = serversByOffer(intent.servers)
  const isServed = servedAt(observation, done)
  const offered = intent.offers.map((offer): NicReport => {
    const server = servers.get(offer)
    const hasPort = observation.links.has(offer.link)
    const service = server && serviceOf(offer, server)
    const state = hasPort ? (service && isServed(service) ? 'served' : 'pending') : 'stopped'
    const requests = service && requestsOf(service, observation.ports.chains.get(offer.link))
    return rowOf(offer, {
      state,
      server,
      requests: state === 'served' ? (requests?.packets ?? 0) : undefined,
      dropped: state === 'served' ? requests?.dropped : undefined,
      hindrance: hindranceOf(offer, observation.links),
      name: names?.get(offer.vmid),
    })
  })
  const refused = refusedRows(intent.refused).map((row): NicReport => {
    const name = names?.get(row.vmid)
    return name === undefined ? row : { ...row, name }
  })
  return [...offered, ...refused].toSorted(
    (a, b) => a.vmid - b.vmid || a.nic - b.nic || a.family.localeCompare(b.family),
  )
}

const serversByOffer = memoOf(
  (servers: DhcpIntent['servers']) =>
    new Map([...servers].flatMap(([server, offers]) => offers.map(offer => [offer, server] as const))),
)

const refusedRows = memoOf((refused: DhcpIntent['refused']): readonly NicReport[] =>
  refused.map(({ refusal, ...nic }) => ({
    ...nic,
    state: isDeliberate(refusal) ? 'left-alone' : 'refused',
    refusal,
  })),
)

function droppedOf(rule: PortRule | undefined): Pick<NicReport, 'dropped'> {
  return rule?.dropped === undefined ? {} : { dropped: rule.dropped }
}

function serverReports({ intent, observation, done }: ReportInput): ServerReport[] {
  const succeeded = done.flatMap(({ change, failure }) => (failure === undefined ? [change] : []))
  const started = succeeded.flatMap((change): ServerReport[] =>
    change.kind === 'server-start'
      ? [{ server: change.server, slot: change.slot, state: 'answering', offers: change.offers.length }]
      : [],
  )
  const retired = new Set(succeeded.flatMap(change => (change.kind === 'server-retire' ? [change.slot] : [])))
  // One that ends is nobody's server any more, and must not be missed once it has ended.
  const running = observation.slots.flatMap(({ number, kea }) =>
    kea && !kea.spareFor && !isEnding(kea) && !retired.has(number) ? [serverReport(number, kea)] : [],
  )
  const isThere = ({ state }: ServerReport) => state === 'answering'
  const answering = new Set([...running, ...started].filter(isThere).map(({ server }) => server))
  const starting = startingKeas(observation.slots, succeeded).flatMap(({ server, slot }): ServerReport[] => {
    const offers = intent.servers.get(server)
    return offers && !answering.has(server)
      ? [{ server, slot, state: 'starting', offers: offers.length }]
      : []
  })
  const replaced = new Set(starting.map(({ server }) => server))
  const others = running.filter(({ server }) => !replaced.has(server))
  return [...others, ...started, ...starting].toSorted(
    (a, b) => (a.server ?? '').localeCompare(b.server ?? '') || a.slot - b.slot,
  )
}

/** Those that come up, or are told what to serve, in the background: as was seen, and as has been begun since. */
function startingKeas(
  slots: readonly Slot[],
  begun: readonly Change[],
): { readonly server: ServerId; readonly slot: number }[] {
  return [
    ...slots.flatMap(({ number, starting }) =>
      starting?.server ? [{ server: starting.server, slot: number }] : [],
    ),
    ...begun.flatMap(change =>
      change.kind === 'server-prepare' ? [{ server: change.server, slot: change.slot }] : [],
    ),
  ]
}

function serverReport(slot: number, kea: Kea): ServerReport {
  return {
    ...(kea.serves && { server: kea.serves.server }),
    slot,
    ...(kea.state !== 'dead' && { pid: kea.pid }),
    state: kea.state,
    offers: kea.serves?.offers.length ?? 0,
  }
}

/** The report with the Keas as they are now; one that was started just now is taken at its word. */
export function withServers(
  report: Report,
  keas: ReadonlyMap<number, Pick<KeaProcess, 'state' | 'pid'> | Pick<DeadKea, 'state'>>,
): Report {
  return {
    ...report,
    servers: report.servers.map(server => {
      if (server.state === 'starting') return server
      const kea = keas.get(server.slot)
      const { pid, ...rest } = server
      if (kea?.state === 'answering' || kea?.state === 'silent') {
        return { ...server, state: kea.state, pid: kea.pid }
      }
      return pid === undefined && !kea ? server : { ...rest, state: 'dead' }
    }),
  }
}

/** The report with what the guests have taken. */
export function withLeases(report: Report, leases: readonly Lease[]): Report {
  const keyOf = (family: Family, mac: Mac) => `${family} ${mac}`
  const byMac = new Map(
    leases.map(lease => [keyOf(lease.address.includes(':') ? 'ipv6' : 'ipv4', lease.mac), lease]),
  )
  return {
    ...report,
    nics: report.nics.map(nic => {
      const lease = nic.offer && byMac.get(keyOf(nic.family, nic.offer.mac))
      return lease ? { ...nic, lease } : nic
    }),
  }
}

/** The report with the messages counted until now. */
export function withRequests(report: Report, chains: ReadonlyMap<string, PortChain>): Report {
  return {
    ...report,
    nics: report.nics.map(nic => {
      const { offer, server } = nic
      const requests = offer && server && requestsOf({ kind: 'dhcp', offer, server }, chains.get(offer.link))
      if (!requests || nic.requests === undefined) return nic
      return { ...nic, requests: requests.packets, ...droppedOf(requests) }
    }),
  }
}

/** The slots of the Keas that a report knows to be there. */
export function slotsOf({ servers }: Report): number[] {
  return servers.flatMap(({ slot, state }) => (state === 'starting' ? [] : [slot]))
}
