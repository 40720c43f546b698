import type { DhcpChange } from './change.ts'
import type { DhcpObservation } from './observation.ts'
import { serverOf } from './service.ts'

/**
 * Why a change cannot be carried out after others have failed; `undefined`: it can. A port can be served by a server whose
 * new Kea did not start if an older one still does.
 */
export function obstacleTo(
  change: { readonly kind: string },
  failed: Iterable<{ readonly kind: string }>,
  before: DhcpObservation,
): string | undefined {
  const wanted = change as DhcpChange
  const lost = [...failed] as DhcpChange[]
  switch (wanted.kind) {
    case 'server-start':
      return lost.some(other => other.kind === 'slot-create' && other.slot === wanted.slot)
        ? 'it has no namespace'
        : undefined
    case 'server-switch':
      return isDown(wanted.server, lost) ? 'its server did not start' : undefined
    case 'port-serve':
      return wanted.port.services
        .flatMap(service => serverOf(service) ?? [])
        .some(server => isDown(server, lost) && !before.ports.switches.has(server))
        ? 'its server did not start'
        : undefined
    case 'server-retire':
      return lost.some(
        other =>
          (other.kind === 'server-start' || other.kind === 'server-switch') &&
          other.slot === wanted.successor,
      )
        ? 'its successor does not serve yet'
        : undefined
    default:
      return undefined
  }
}

function isDown(server: string, lost: readonly DhcpChange[]): boolean {
  return lost.some(other => other.kind === 'server-start' && other.server === server)
}
