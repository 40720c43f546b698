import { describeGuest } from '../dhcp/offer.ts'
import type { Guest, Nic } from '../guest/guest.ts'
import { addressOf4 } from '../values/address.ts'
import { describeNetwork } from '../values/network.ts'
import { explainAnnounced } from './explainAnnounced.ts'
import type { NicReport, Report } from './report.ts'
import type { Step } from './step.ts'

/** The way of one NIC to its address, and that of each of its addresses to BGP, up to the first step that is not good. */
export interface Explanation {
  readonly nic: number
  readonly steps: readonly Step[]
  readonly announced: readonly { readonly prefix: string; readonly steps: readonly Step[] }[]
}

/** Explains each NIC of a guest; one explanation without steps of a NIC where the guest has none. */
export function explain(guest: Guest, report: Report): Explanation[] {
  return guest.nics.map(nic => ({
    nic: nic.index,
    steps: upToBreak(stepsOf(guest, nic, report)),
    announced: explainAnnounced(guest, nic, report).map(({ prefix, steps }) => ({
      prefix,
      steps: upToBreak(steps),
    })),
  }))
}

function upToBreak(steps: Iterable<Step>): Step[] {
  const taken: Step[] = []
  for (const step of steps) {
    taken.push(step)
    if (step.state !== 'good') break
  }
  return taken
}

/** Lazily: a step is only asked for when all before it are good. */
function* stepsOf(guest: Guest, nic: Nic, report: Report): Generator<Step> {
  yield configurationStep(guest, nic, report)
  const told = report.nics.find(({ vmid, nic: index }) => vmid === guest.vmid && index === nic.index)
  yield offerStep(guest, nic, told)
  if (!told?.offer) return
  yield portStep(told, report)
  yield serverStep(told, report)
  yield leaseStep(told)
}

function configurationStep(guest: Guest, nic: Nic, report: Report): Step {
  const step = 'configuration'
  const { ip } = nic.addressing
  const where = `${guest.file}:${nic.line}`
  if (guest.template) {
    return { step, state: 'waiting', detail: `${describeGuest(guest)} is a template, which never runs` }
  }
  if (ip === undefined || ip === 'dhcp' || ip === 'manual') {
    const key = guest.type === 'qemu' ? `ipconfig${nic.index}` : `net${nic.index}`
    return {
      step,
      state: 'waiting',
      detail: `no static IPv4 address is configured (${ip === undefined ? `no usable ip= in ${key}` : `ip=${ip}`})`,
      remedy: `Write ip=ADDRESS/LENGTH in ${key} if guestnet is to offer one.`,
    }
  }
  if (guest.node !== report.node && !report.nics.some(({ vmid }) => vmid === guest.vmid)) {
    return {
      step,
      state: 'waiting',
      detail: `${ip} is configured in ${where}, and the guest belongs to node ${guest.node}`,
      remedy: `Ask there: guestnet explain ${guest.vmid} on ${guest.node}.`,
    }
  }
  return {
    step,
    state: 'good',
    detail: `${ip}${nic.addressing.gw ? ` via ${nic.addressing.gw}` : ''} in ${where}`,
  }
}

function offerStep(guest: Guest, nic: Nic, told: NicReport | undefined): Step {
  const step = 'offer'
  if (told?.offer) {
    return {
      step,
      state: 'good',
      detail: `${told.offer.address} to ${told.offer.mac} in ${describeNetwork(told.offer.network)}`,
    }
  }
  return {
    step,
    state: 'broken',
    detail: told?.reason ?? `nothing is offered to net${nic.index} of ${describeGuest(guest)}`,
    remedy: 'See the problems below, the policy and the Notes.',
  }
}

function portStep({ offer, state, requests }: NicReport, { complete }: Report): Step {
  const step = 'port'
  const link = offer?.link ?? ''
  switch (state) {
    case 'served':
      return { step, state: 'good', detail: `DHCP is taken at ${link}: ${requests ?? 0} messages so far` }
    case 'stopped':
      return {
        step,
        state: 'waiting',
        detail: `there is no link ${link} on this node: the guest is not running here`,
        remedy: 'Start the guest; it is served as soon as its port exists.',
      }
    default:
      return {
        step,
        state: 'broken',
        detail: `the link ${link} exists, but DHCP is not taken there yet${complete ? '' : ', and the cluster could not be read whole'}`,
        remedy: 'Check that the agent runs (guestnet status), and run guestnet doctor.',
      }
  }
}

function serverStep({ server }: NicReport, { servers }: Report): Step {
  const step = 'server'
  const kea = servers.find(candidate => candidate.server === server)
  if (kea?.state === 'answering') {
    return {
      step,
      state: 'good',
      detail: `Kea ${kea.pid} has the reservation and answers (server ${server})`,
    }
  }
  return {
    step,
    state: 'broken',
    detail: kea ? `Kea ${kea.pid} does not answer (${kea.state})` : `no Kea runs for server ${server}`,
    remedy: 'The agent replaces it within seconds; if it does not, run guestnet doctor.',
  }
}

function leaseStep({ offer, lease, requests = 0 }: NicReport): Step {
  const step = 'lease'
  const wanted = offer && addressOf4(offer.address)
  if (lease && lease.address === wanted) {
    const until = new Date(lease.expires * 1000).toISOString()
    return { step, state: 'good', detail: `the guest has taken ${lease.address}, until ${until}` }
  }
  if (lease) {
    return {
      step,
      state: 'waiting',
      detail: `the guest still has ${lease.address}; it takes ${wanted} when it next asks`,
      remedy: 'Renew the lease inside the guest, or wait.',
    }
  }
  return {
    step,
    state: 'waiting',
    detail:
      requests === 0
        ? 'the guest has not asked by DHCP since its port is served'
        : 'the guest has asked, but has not taken the address',
    remedy:
      requests === 0
        ? 'If it has the address by cloud-init, all is well; else switch its interface to DHCP.'
        : 'Look at what its DHCP client says.',
  }
}
