import type { Change } from '../change.ts'
import type { PortChain, PortRule } from '../dhcp/observation.ts'
import type { Offer } from '../dhcp/offer.ts'
import { leaseKeyOfOffer } from '../dhcp/servers.ts'
import { type DhcpService, ruleLabel } from '../dhcp/service.ts'
import type { Observation } from '../observation.ts'
import { memoOf } from '../values/memo.ts'

/** What was done since it was observed. */
type Done = readonly { readonly change: Change; readonly failure?: string }[]

/** Which services are taken from their ports to a Kea that makes their offer: as they were seen, and as was done since. */
export function servedAt(observation: Observation, done: Done): (service: DhcpService) => boolean {
  const isTaken = takenAt(observation, done)
  const isAwaited = awaitedFrom(observation, done)
  return service => isTaken(service) && !isAwaited(service)
}

function takenAt({ ports }: Observation, done: Done): (service: DhcpService) => boolean {
  const known = new Map<string, boolean>()
  for (const { change, failure } of done) {
    if (change.kind !== 'port-serve') continue
    for (const service of change.port.services) known.set(ruleLabel(service), failure === undefined)
  }
  return service =>
    known.get(ruleLabel(service)) ?? requestsOf(service, ports.chains.get(service.offer.link)) !== undefined
}

/** Which services are taken to a Kea that does not answer, or is still without their offer: another one, which is to have it, is being started. */
function awaitedFrom({ slots, ports }: Observation, done: Done): (service: DhcpService) => boolean {
  const started = new Set(
    done.flatMap(({ change, failure }) =>
      change.kind === 'server-start' && failure === undefined ? [change.server] : [],
    ),
  )
  const offered = new Map(
    slots.flatMap(({ link, kea }) => {
      const { server, offers } = kea?.serves ?? {}
      const isSwitchedTo = server !== undefined && ports.switches.get(server) === link
      if (!isSwitchedTo || started.has(server)) return []
      return [[server, leasesOf(kea?.state === 'answering' ? (offers ?? []) : NONE)]]
    }),
  )
  return ({ server, offer }) => offered.get(server)?.has(leaseKeyOfOffer(offer)) === false
}

const NONE: readonly Offer[] = []

const leasesOf = memoOf(
  (offers: readonly Offer[]): ReadonlySet<string> => new Set(offers.map(leaseKeyOfOffer)),
)

/** A port's rule for a service, with the messages that it has taken. */
export function requestsOf(service: DhcpService, chain: PortChain | undefined): PortRule | undefined {
  const label = ruleLabel(service)
  return chain?.find(rule => rule.label === label)
}
