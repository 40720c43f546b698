import { addressOf } from '../dhcp/offer.ts'
import { type Guest, type Nic, staticsOf } from '../guest/guest.ts'
import { describeGuest } from '../guest/names.ts'
import { elsewhereRefusal, templateRefusal } from '../ruling/presence.ts'
import type { Family } from '../values/family.ts'
import { FAMILY_NAME } from '../values/family.ts'
import { describeNetwork } from '../values/network.ts'
import { explainAnnounced } from './explainAnnounced.ts'
import { refusedStep } from './refusedStep.ts'
import type { NicReport, Report } from './report.ts'
import type { Step } from './step.ts'

/** The way of one NIC to its address, and that of each of its addresses to BGP, up to the first step that is not good. */
export interface Explanation {
  readonly nic: number
  readonly steps: readonly Step[]
  readonly announced: readonly { readonly prefix: string; readonly steps: readonly Step[] }[]
}

/** The families whose way by DHCP is explained. */
const SERVED: readonly Family[] = ['ipv4']

/** Explains each NIC of a guest; one explanation without steps of a NIC where the guest has none. */
export function explain(guest: Guest, report: Report): Explanation[] {
  return guest.nics.map(nic => ({
    nic: nic.index,
    steps: SERVED.flatMap(family => upToBreak(stepsOf(guest, nic, family, report))),
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
function* stepsOf(guest: Guest, nic: Nic, family: Family, report: Report): Generator<Step> {
  yield configurationStep(guest, nic, family, report)
  const told = report.nics.find(
    row => row.vmid === guest.vmid && row.nic === nic.index && row.family === family,
  )
  yield offerStep(guest, nic, told, report)
  if (!told?.offer) return
  yield portStep(told, report)
  yield serverStep(told, report)
  yield leaseStep(told)
}

function configurationStep(guest: Guest, nic: Nic, family: Family, report: Report): Step {
  const step = 'configuration'
  if (guest.template) return refusedStep(step, templateRefusal(guest))
  const address = staticsOf(nic.addressing).find(one => one.family === family)
  if (!address) return notStatic(guest, nic, family)
  const isKnownHere = report.nics.some(({ vmid }) => vmid === guest.vmid)
  if (guest.node !== report.node && !isKnownHere) return refusedStep(step, elsewhereRefusal(guest))
  return {
    step,
    state: 'good',
    detail: `${address.cidr}${address.gateway ? ` via ${address.gateway}` : ''} in ${guest.file}:${nic.line}`,
  }
}

function notStatic(guest: Guest, { addressing, index, line }: Nic, family: Family): Step {
  const key = guest.type === 'qemu' ? `ipconfig${index}` : `net${index}`
  const [name, written] =
    family === 'ipv4' ? (['ip', addressing.ip] as const) : (['ip6', addressing.ip6] as const)
  return {
    step: 'configuration',
    state: 'waiting',
    detail: `no static ${FAMILY_NAME[family]} address is configured (${written === undefined ? `no usable ${name}= in ${key}` : `${name}=${written}`}, ${guest.file}:${line})`,
    remedy: `Write ${name}=ADDRESS/LENGTH in ${key} if guestnet is to offer one.`,
  }
}

function offerStep(guest: Guest, nic: Nic, told: NicReport | undefined, { complete }: Report): Step {
  const step = 'offer'
  if (told?.refusal) return refusedStep(step, told.refusal)
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
    detail: `the agent has not taken net${nic.index} of ${describeGuest(guest)} into account yet${complete ? '' : ': the cluster could not be read whole'}`,
    remedy: 'Ask again in a moment; if it stays so, see guestnet status.',
  }
}

function portStep({ offer, state, requests, dropped }: NicReport, { complete }: Report): Step {
  const step = 'port'
  const link = offer?.link ?? ''
  switch (state) {
    case 'served':
      return {
        step,
        state: 'good',
        detail: `DHCP is taken at ${link}: ${requests ?? 0} messages so far${dropped === undefined ? '' : `; ${dropped} more came too fast and were dropped`}`,
      }
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
  const process = kea?.pid === undefined ? '' : ` (process ${kea.pid})`
  if (kea?.state === 'answering') {
    return { step, state: 'good', detail: `Kea ${server}${process} has the reservation and answers` }
  }
  return {
    step,
    state: 'broken',
    detail: kea ? `Kea ${server}${process} does not answer: it is ${kea.state}` : `no Kea runs for ${server}`,
    remedy: 'The agent replaces it within seconds; if it does not, run guestnet doctor.',
  }
}

function leaseStep({ offer, lease, requests = 0 }: NicReport): Step {
  const step = 'lease'
  const wanted = offer && addressOf(offer)
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
