import { type Guest, linkNameOf, type Nic, staticAddresses } from '../guest/guest.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { AnnouncementReport, AnnouncingReport } from './announcing.ts'
import type { Report } from './report.ts'
import type { Step } from './step.ts'

/** The way of each of a NIC's addresses to BGP; nothing where nothing is announced, or the guest belongs elsewhere. */
export function explainAnnounced(
  guest: Guest,
  nic: Nic,
  { announcing, node }: Report,
): { prefix: string; steps: Iterable<Step> }[] {
  if (!announcing || guest.node !== node || guest.template) return []
  return staticAddresses(nic.addressing).map(address => {
    const prefix = hostPrefix(address)
    const announcement = announcing.announcements.find(candidate => candidate.prefix === prefix)
    return { prefix, steps: stepsOf(guest, nic, announcement, announcing) }
  })
}

function* stepsOf(
  guest: Guest,
  nic: Nic,
  announcement: AnnouncementReport | undefined,
  announcing: AnnouncingReport,
): Generator<Step> {
  yield announcementStep(guest, nic, announcement)
  if (!announcement) return
  yield kernelStep(announcement, announcing)
  if (!announcing.bird) return
  yield birdStep(announcement, announcing)
  yield peersStep(announcement, announcing)
}

function announcementStep(guest: Guest, nic: Nic, announcement: AnnouncementReport | undefined): Step {
  const step = 'announcement'
  if (announcement?.vmid === guest.vmid) {
    return { step, state: 'good', detail: `${announcement.prefix} belongs here, on ${announcement.device}` }
  }
  if (announcement) {
    return {
      step,
      state: 'broken',
      detail: `${announcement.prefix} is announced for guest ${announcement.vmid}, which holds the address`,
      remedy: 'Give one of them another address.',
    }
  }
  return {
    step,
    state: 'waiting',
    detail: `nothing is announced: the port ${linkNameOf(guest, nic.index)} is not here and up, or the policy lets this network or address not out`,
    remedy: 'Start the guest, or see announce in the policy and the Notes.',
  }
}

function kernelStep({ route, neighbour }: AnnouncementReport, { table, rules }: AnnouncingReport): Step {
  const step = 'kernel'
  const missing = [
    ...(route ? [] : ['the route']),
    ...(neighbour ? [] : ['the neighbour entry']),
    ...(rules ? [] : ['a rule']),
  ]
  if (missing.length === 0)
    return { step, state: 'good', detail: `route in table ${table}, neighbour and rules are there` }
  return {
    step,
    state: 'broken',
    detail: `${missing.join(' and ')} is missing`,
    remedy: 'The agent repairs it within a second; if it does not, see the problems below.',
  }
}

function birdStep({ told }: AnnouncementReport, { bird, drained }: AnnouncingReport): Step {
  const step = 'bird'
  if (drained === 'left') {
    return {
      step,
      state: 'waiting',
      detail: 'this node is drained',
      remedy: 'Run guestnet undrain when it is to serve again.',
    }
  }
  if (told === true && bird?.state === 'running')
    return { step, state: 'good', detail: `BIRD ${bird.pid} has it` }
  return {
    step,
    state: 'broken',
    detail: bird?.state === 'running' ? 'BIRD does not have it yet' : `BIRD is ${bird?.state}`,
    remedy: 'The agent tells it within a second; if it does not, see the problems below.',
  }
}

function peersStep({ exportedTo = [] }: AnnouncementReport, { peers }: AnnouncingReport): Step {
  const step = 'peers'
  const down = peers.filter(({ isUp }) => !isUp)
  const rest = down.map(
    ({ peer, bgpState, error }) => `${peer} is ${bgpState}${error === undefined ? '' : ` (${error})`}`,
  )
  if (exportedTo.length > 0) {
    return { step, state: 'good', detail: [`exported to ${exportedTo.join(', ')}`, ...rest].join('; ') }
  }
  return {
    step,
    state: 'broken',
    detail: rest.length === 0 ? 'no peer is told' : rest.join('; '),
    remedy: 'Check the peers in the policy and the session on their side.',
  }
}
