import type { AdvertisingChange } from '../advertising/change.ts'
import type { DhcpChange } from './change.ts'
import type { DhcpObservation, PortTable } from './observation.ts'
import { elementsOf, ruleLabel, type Service, serverOf } from './service.ts'

/** Changes that may need others. */
type Depending = DhcpChange | AdvertisingChange

type Serve = Extract<DhcpChange, { kind: 'port-serve' }>

/** What of a change can be carried out, and what cannot, and why. */
export interface Parts<Change> {
  readonly possible?: Change
  readonly impossible?: { readonly change: Change; readonly reason: string }
}

/**
 * What of a change can be carried out after others have failed. A port can be served by a server whose new Kea did not start
 * if an older one still does, and in one family where the other's server is missing.
 */
export function partsOf<Change extends { readonly kind: string }>(
  change: Change,
  failed: Iterable<{ readonly kind: string }>,
  before: DhcpObservation,
): Parts<Change> {
  const lost = [...failed] as Depending[]
  const wanted = change as unknown as Depending
  if (wanted.kind === 'port-serve') return partsOfServing(wanted, lost, before) as unknown as Parts<Change>
  const reason = obstacleTo(wanted, lost)
  return reason === undefined ? { possible: change } : { impossible: { change, reason } }
}

function obstacleTo(wanted: Depending, lost: readonly Depending[]): string | undefined {
  switch (wanted.kind) {
    case 'server-start':
    case 'slot-open':
      return lost.some(other => other.kind === 'slot-create' && other.slot === wanted.slot)
        ? 'it has no namespace'
        : undefined
    case 'server-switch':
      return isDown(wanted.server, lost) ? 'its server did not start' : undefined
    case 'server-retire':
      return lost.some(
        other =>
          (other.kind === 'server-start' || other.kind === 'server-switch') &&
          other.slot === wanted.successor,
      )
        ? 'its successor does not serve yet'
        : undefined
    case 'solicitations-open':
      return lost.some(({ kind }) => kind === 'advertiser-start') ? 'the advertiser did not start' : undefined
    default:
      return undefined
  }
}

function partsOfServing(change: Serve, lost: readonly Depending[], { ports }: DhcpObservation): Parts<Serve> {
  const isMissing = (service: Service) => {
    const server = serverOf(service)
    return server !== undefined && isDown(server, lost) && !ports.switches.has(server)
  }
  const missing = change.port.services.filter(isMissing)
  if (missing.length === 0) return { possible: change }
  const able = withServices(
    change,
    change.port.services.filter(service => !isMissing(service)),
  )
  return {
    ...(!isServed(able, ports) && { possible: able }),
    impossible: { change: withServices(change, missing), reason: 'its server did not start' },
  }
}

function withServices(change: Serve, services: readonly Service[]): Serve {
  return { ...change, port: { ...change.port, services } }
}

/** Whether a port has exactly these rules already, or is to have none. */
function isServed({ port: { link, services } }: Serve, { chains, elements }: PortTable): boolean {
  const rules = chains.get(link) ?? []
  return (
    rules.length === services.length &&
    services.every((service, index) => rules[index]?.label === ruleLabel(service)) &&
    services.flatMap(elementsOf).every(([key, to]) => elements.get(key) === to)
  )
}

function isDown(server: string, lost: readonly Depending[]): boolean {
  return lost.some(other => other.kind === 'server-start' && other.server === server)
}
