import { addressOf } from '../dhcp/offer.ts'
import { type Guest, type Nic, staticsOf } from '../guest/guest.ts'
import { describeGuest } from '../guest/names.ts'
import { describeProblem, type Problem, type ProblemCode } from '../problem/problem.ts'
import { elsewhereRefusal, templateRefusal } from '../ruling/presence.ts'
import type { Family } from '../values/family.ts'
import { FAMILY_NAME } from '../values/family.ts'
import { describeNetwork } from '../values/network.ts'
import { explainAdvertised } from './explainAdvertised.ts'
import { explainAnnounced } from './explainAnnounced.ts'
import { guardStep } from './explainGuard.ts'
import type { NicReport } from './nicRow.ts'
import { refusedStep } from './refusedStep.ts'
import type { Report } from './report.ts'
import type { Explanation, Step } from './step.ts'

/** Explains each NIC of a guest; one explanation without steps of a NIC where the guest has none. */
export function explain(guest: Guest, report: Report): Explanation[] {
  return guest.nics.map(nic => ({
    nic: nic.index,
    ...guardStep(guest, nic, report),
    steps: [
      ...familiesOf(nic).flatMap(family =>
        upToBreak(stepsOf(guest, nic, family, report)).map(step => ({ ...step, family })),
      ),
      ...upToBreak(explainAdvertised(guest, nic, report)).map(step => ({ ...step, family: 'ipv6' as const })),
    ],
    announced: explainAnnounced(guest, nic, report).map(({ prefix, steps }) => ({
      prefix,
      steps: upToBreak(steps),
    })),
  }))
}

/** The families that a NIC has a static address of; where it has none, the one that most expect. */
function familiesOf({ addressing }: Nic): readonly Family[] {
  const families = staticsOf(addressing).map(({ family }) => family)
  return families.length === 0 ? ['ipv4'] : families
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
  yield portStep(guest, nic, told, report)
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

function portStep(guest: Guest, nic: Nic, told: NicReport, { complete }: Report): Step {
  const step = 'port'
  const { state, requests, dropped } = told
  const link = told.offer?.link ?? ''
  const hindrance = hindranceStep(guest, nic, told)
  if (hindrance) return hindrance
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

/** What keeps the guest itself from asking. */
function hindranceStep(guest: Guest, nic: Nic, { offer, hindrance }: NicReport): Step | undefined {
  const step = 'port'
  const { file } = guest
  if (hindrance === 'bridge-missing') {
    return {
      step,
      state: 'broken',
      detail: `this node has no bridge ${nic.bridge}, so the guest cannot be started here with it (${file}:${nic.line})`,
      remedy: `Correct the bridge of net${nic.index}, or make the bridge ${nic.bridge}.`,
    }
  }
  if (nic.linkDown) {
    return {
      step,
      state: 'waiting',
      detail: `net${nic.index} has link_down=1, so the guest's cable is unplugged (${file}:${nic.line})`,
      remedy: `Remove link_down from net${nic.index}.`,
    }
  }
  if (hindrance !== 'port-down') return undefined
  return {
    step,
    state: 'broken',
    detail: `the port ${offer?.link} is down, so nothing of the guest comes through`,
    remedy: `Run "ip link set ${offer?.link} up", or stop and start the guest.`,
  }
}

function serverStep({ server }: NicReport, { servers }: Report): Step {
  const step = 'server'
  const kea = servers.find(candidate => candidate.server === server)
  const process = kea?.pid === undefined ? '' : ` (process ${kea.pid})`
  if (kea?.state === 'answering') {
    return { step, state: 'good', detail: `Kea ${server}${process} has the reservation and answers` }
  }
  if (kea?.state === 'starting') {
    return {
      step,
      state: 'waiting',
      detail: `Kea ${server} is being started, and does not answer yet`,
      remedy: 'Look again in a moment.',
    }
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

/** The problems of the node that keep a guest from its addresses, or from being announced. */
const STOPS: Partial<Record<ProblemCode, 'offer' | 'announcement' | 'both'>> = {
  'agent-silent': 'both',
  'agent-down': 'both',
  'policy-invalid': 'both',
  'policy-unreadable': 'both',
  'cluster-unreadable': 'both',
  'change-failed': 'both',
  'advertiser-down': 'offer',
  'advertiser-failed': 'offer',
  'kea-down': 'offer',
  'kea-failed': 'offer',
  'bird-down': 'announcement',
  'bird-failed': 'announcement',
  'table-taken': 'announcement',
  'peer-down': 'announcement',
  'forwarding-off': 'announcement',
}

/** What is wrong with a guest, and with the node as far as that stops this guest; each once. */
export function problemsFor(guest: Guest, report: Report): Problem[] {
  const isMine = ({ vmid }: { readonly vmid?: number }) => vmid === guest.vmid
  const isOffered = report.nics.some(nic => isMine(nic) && nic.offer)
  const { announcements = [], withheld = [], refusal } = report.announcing ?? {}
  const isMeant = refusal !== undefined || announcements.some(isMine) || withheld.some(isMine)
  const isAnnounced = guest.node === report.node && isMeant
  const stops = (problem: Problem) => {
    const what = problem.vmid === undefined ? STOPS[problem.code] : undefined
    return (
      (isOffered && (what === 'offer' || what === 'both')) ||
      (isAnnounced && what !== undefined && what !== 'offer')
    )
  }
  const all = [...guest.problems, ...report.problems.filter(problem => isMine(problem) || stops(problem))]
  return [...new Map(all.map(problem => [describeProblem(problem), problem])).values()]
}

/** Whether a problem stops a guest, rather than only being worth a look. */
export function isStopping({ code }: Problem): boolean {
  return STOPS[code] !== undefined
}
