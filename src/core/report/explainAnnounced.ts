import type { Withheld } from '../announcing/wanted.ts'
import { type Guest, type Nic, staticAddresses } from '../guest/guest.ts'
import { FORWARDING } from '../routing/forwarding.ts'
import { utc } from '../text/utc.ts'
import { FAMILY_NAME, familyOf } from '../values/family.ts'
import { hostPrefix } from '../values/prefix.ts'
import type { AnnouncementReport, AnnouncingReport, StandbyReport } from './announcing.ts'
import { refusedStep } from './refusedStep.ts'
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
    const announcement = announcing.announcements.find(
      candidate => candidate.prefix === prefix && candidate.vmid === guest.vmid,
    )
    const withheld = announcing.withheld.find(
      candidate =>
        candidate.vmid === guest.vmid && candidate.nic === nic.index && candidate.address === address,
    )
    const standby = announcing.standby.find(
      candidate => candidate.prefix === prefix && candidate.vmid === guest.vmid,
    )
    return { prefix, steps: stepsOf({ announcement, withheld, standby }, announcing) }
  })
}

/** What is told of one address. */
interface Told {
  readonly announcement: AnnouncementReport | undefined
  readonly withheld: Withheld | undefined
  readonly standby: StandbyReport | undefined
}

function* stepsOf(told: Told, announcing: AnnouncingReport): Generator<Step> {
  const { announcement } = told
  yield announcementStep(told, announcing)
  if (!announcement) return
  yield kernelStep(announcement, announcing)
  if (!announcing.bird) return
  yield birdStep(announcement, announcing)
  yield peersStep(announcement, announcing)
}

function announcementStep({ announcement, withheld, standby }: Told, { refusal }: AnnouncingReport): Step {
  const step = 'announcement'
  const why = withheld?.refusal ?? (announcement ? undefined : refusal)
  if (why && standby) return standbyStep(refusedStep(step, why), standby)
  if (why) return refusedStep(step, why)
  if (announcement?.blackhole !== undefined) {
    return {
      step,
      state: 'waiting',
      detail: `routers are asked to drop what is sent to ${announcement.prefix} until ${utc(announcement.blackhole)}, and so does this node`,
      remedy: 'Wait until then, or remove the guest from `bgp.blackholes` in the policy.',
    }
  }
  if (announcement) {
    return { step, state: 'good', detail: `${announcement.prefix} belongs here, on ${announcement.device}` }
  }
  return {
    step,
    state: 'broken',
    detail: 'the agent has not taken this address into account yet',
    remedy: 'Ask again in a moment; if it stays so, see guestnet status.',
  }
}

/** Nobody has to do anything but start the guest, not even the agent. */
function standbyStep(refused: Step, { prefix, port }: StandbyReport): Step {
  const detail = `${refused.detail}; BIRD announces ${prefix} by itself as soon as ${port} is up`
  return { ...refused, detail }
}

function kernelStep(
  { prefix, route, neighbour }: AnnouncementReport,
  { table, rules, notForwarded }: AnnouncingReport,
): Step {
  const step = 'kernel'
  const family = familyOf(prefix)
  const missing = [
    ...(route ? [] : ['the route']),
    ...(neighbour ? [] : ['the neighbour entry']),
    ...(rules ? [] : ['a rule']),
  ]
  if (missing.length > 0) {
    return {
      step,
      state: 'broken',
      detail: `${missing.join(' and ')} is missing`,
      remedy: 'The agent repairs it within a second; if it does not, see the problems below.',
    }
  }
  if (notForwarded.includes(family)) {
    const { name } = FORWARDING[family]
    return {
      step,
      state: 'broken',
      detail: `this node does not forward ${FAMILY_NAME[family]}: ${name} is 0`,
      remedy: `Run "sysctl -w ${name}=1", or write \`sysctl: true\` in the part \`announce\` of the policy.`,
    }
  }
  return { step, state: 'good', detail: `route in table ${table}, neighbour and rules are there` }
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
    detail:
      bird?.state === 'running'
        ? 'BIRD does not have it yet'
        : bird?.state === 'silent'
          ? 'BIRD does not answer'
          : 'BIRD is not running',
    remedy: 'The agent tells it within a second; if it does not, see the problems below.',
  }
}

function peersStep({ exportedTo }: AnnouncementReport, { peers }: AnnouncingReport): Step {
  const step = 'peers'
  if (exportedTo === undefined && peers.some(({ isUp }) => isUp)) {
    return {
      step,
      state: 'waiting',
      detail: 'BIRD has not been asked yet which peers it tells',
      remedy: 'Ask again in a moment.',
    }
  }
  const down = peers.filter(({ isUp }) => !isUp)
  const rest = down.map(
    ({ peer, bgpState, error }) => `${peer} is ${bgpState}${error === undefined ? '' : ` (${error})`}`,
  )
  if (exportedTo && exportedTo.length > 0) {
    return { step, state: 'good', detail: [`exported to ${exportedTo.join(', ')}`, ...rest].join('; ') }
  }
  return {
    step,
    state: 'broken',
    detail: rest.length === 0 ? 'no peer is told' : rest.join('; '),
    remedy: 'Check the peers in the policy, `onlyTo` in `bgp.export`, and the session on their side.',
  }
}
