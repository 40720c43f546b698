import { type Drop, describeDrop, packetsIn } from '../guard/drop.ts'
import type { Guest, Nic } from '../guest/guest.ts'
import { counted } from '../text/counted.ts'
import type { GuardedPortReport } from './guarding.ts'
import type { Report } from './report.ts'
import type { Step } from './step.ts'

/** What may leave a NIC's port, and what did not; nothing where its port is not guarded. */
export function guardStep(
  { vmid }: Pick<Guest, 'vmid'>,
  { index }: Pick<Nic, 'index'>,
  { guard }: Pick<Report, 'guard'>,
): { guard?: Step } {
  const port = guard?.ports.find(one => one.vmid === vmid && one.nic === index)
  return guard && port ? { guard: stepOf(port, guard.mode) } : {}
}

function stepOf(port: GuardedPortReport, mode: 'report' | 'on'): Step {
  const step = 'guard'
  if (port.state === 'pending') {
    return {
      step,
      state: 'broken',
      detail: `the port ${port.link} is not guarded yet`,
      remedy: 'Check that the agent runs (guestnet status), and run guestnet doctor.',
    }
  }
  return {
    step,
    state: port.drops.length === 0 ? 'good' : 'waiting',
    detail: `${describeGuarded(port)}${describeDrops(port.drops, mode)}`,
    ...(port.drops.length > 0 && {
      remedy: 'What it sends rightly belongs to its configuration, or to guard.extra in the policy.',
    }),
  }
}

/** What is guarded at a port. */
export function describeGuarded({ ipv4, ipv6, because }: GuardedPortReport): string {
  const reason = because === undefined ? '' : ` (${because})`
  if (ipv4 === 'own' && ipv6 === 'own') return `only its own MAC and addresses may leave${reason}`
  const open = [...(ipv4 === 'open' ? ['IPv4'] : []), ...(ipv6 === 'open' ? ['IPv6'] : [])].join(' and ')
  return `only its own MAC may leave, and of ${open} any address that nobody else is known to have${reason}`
}

function describeDrops(drops: readonly Drop[], mode: 'report' | 'on'): string {
  if (drops.length === 0) return ''
  const told = drops.map(drop => `${drop.packets} of ${describeDrop(drop)}`).join(', ')
  const verb = mode === 'on' ? 'dropped' : 'would be dropped'
  return `; ${counted(packetsIn(drops), 'frame')} ${verb}: ${told}`
}
