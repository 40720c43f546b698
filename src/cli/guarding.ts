import { describeDrop, packetsIn } from '../core/guard/drop.ts'
import { describeNic } from '../core/guest/names.ts'
import type { GuardedPortReport, GuardReport } from '../core/report/guarding.ts'
import { counted } from '../core/text/counted.ts'

/** How many ports are guarded, in one line. */
export function describeGuard({ mode, ports }: GuardReport): string {
  const pending = ports.filter(({ state }) => state === 'pending').length
  const open = ports.filter(isOpen).length
  const offenders = ports.filter(({ drops }) => drops.length > 0)
  const frames = offenders.reduce((sum, { drops }) => sum + packetsIn(drops), 0)
  return [
    `${mode === 'on' ? 'on' : 'reports only, nothing is dropped'}: ${counted(ports.length, 'port')}`,
    ...(pending > 0 ? [`${pending} NOT GUARDED YET`] : []),
    ...(open > 0 ? [`${open} with addresses that are not known`] : []),
    ...(offenders.length > 0
      ? [
          `${counted(frames, 'frame')} of ${counted(offenders.length, 'port')} ${mode === 'on' ? 'dropped' : 'would be dropped'}`,
        ]
      : []),
  ].join('; ')
}

function isOpen({ ipv4, ipv6 }: GuardedPortReport): boolean {
  return ipv4 === 'open' || ipv6 === 'open'
}

/** A row for each port with addresses that are not known: of which families, and why. */
export function openPorts({ ports }: GuardReport): string[][] {
  return ports.filter(isOpen).map(port => [describeNic(port), describeOpen(port), port.because ?? ''])
}

function describeOpen({ ipv4, ipv6 }: GuardedPortReport): string {
  return [...(ipv4 === 'open' ? ['IPv4'] : []), ...(ipv6 === 'open' ? ['IPv6'] : [])].join(', ')
}

/** A row for each kind of frame that a port sent and that is not its own, the most frames first. */
export function offences({ ports }: GuardReport): string[][] {
  return ports
    .flatMap(port => port.drops.map(drop => ({ port, drop })))
    .toSorted((a, b) => b.drop.packets - a.drop.packets)
    .map(({ port, drop }) => [describeNic(port), String(drop.packets), describeDrop(drop)])
}
