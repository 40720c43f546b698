import { Option } from 'commander'
import { deviceOf } from '../core/announcing/networkOnDevice.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import type { Guest } from '../core/guest/guest.ts'
import { describeGuest } from '../core/guest/names.ts'
import type { Settings } from '../core/node/settings.ts'
import { explain } from '../core/report/explain.ts'
import type { NicReport, NicState } from '../core/report/nicRow.ts'
import type { Explanation, Step } from '../core/report/step.ts'
import { counted } from '../core/text/counted.ts'
import type { CycleResult } from '../cycle/result.ts'
import { exchangeStep, wireStep } from '../probe/probes.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { look } from './look.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'
import { CHECK } from './statusCheck.ts'
import { describeStep } from './stepText.ts'
import { vmidArgument } from './vmidArgument.ts'

/** What was proved of a guest. */
interface Proof {
  readonly vmid: number
  readonly guest: string
  readonly steps: readonly Step[]
}

/** `guestnet check VMID`: asks Kea, the kernel, BIRD and the wire, and believes nobody. */
export function checkVerb() {
  const command = nodeVerb(
    'check',
    'prove that a guest gets its address and is announced (exit status: 0 yes, 2 no)',
  )
    .argument('[vmid]', 'the guest', vmidArgument)
    .addOption(new Option('--all', 'every guest that is to be served on this node').default(false))
    .action(async (vmid: number | undefined, { all }: { all: boolean }) => {
      if ((vmid === undefined) === !all) command.error('error: name a guest, or give --all')
      requireRoot('check')
      const settings = settingsOf(command)
      const looked = await look(settings)
      const guests = guestsOf(looked, vmid)
      if (guests.length === 0) return nobody(vmid)
      const proofs = await proveAll(guests, looked, settings)
      if (formatOf(command) === 'json') printJson({ guests: proofs })
      else for (const line of describe(proofs)) print(line)
      process.exitCode = proofs.some(isBroken) ? CHECK.critical : CHECK.ok
    })
  return examples(command, 'guestnet check 100', 'guestnet check --all', 'guestnet check 100 --output json')
}

function nobody(vmid: number | undefined): void {
  complain(
    vmid === undefined
      ? 'no guest is served on this node'
      : `guest ${vmid} has no static address that is served on this node; see guestnet explain ${vmid}`,
  )
  process.exitCode = vmid === undefined ? EXIT.ok : CHECK.critical
}

/** Guests that are asked for at once: each takes a moment on the wire. */
const AT_ONCE = 8

async function proveAll(guests: readonly Guest[], looked: CycleResult, settings: Settings): Promise<Proof[]> {
  const proofs: Proof[] = []
  for (let at = 0; at < guests.length; at += AT_ONCE) {
    const some = guests.slice(at, at + AT_ONCE)
    proofs.push(...(await Promise.all(some.map(guest => prove(guest, looked, settings)))))
  }
  return proofs
}

/** A guest that is pending is one whose Kea does not answer, among others: that is what is to be found. */
const TO_BE_SERVED: ReadonlySet<NicState> = new Set(['served', 'pending'])

function guestsOf({ reading, report }: CycleResult, vmid: number | undefined): Guest[] {
  const wanted = new Set(report.nics.flatMap(nic => (TO_BE_SERVED.has(nic.state) ? [nic.vmid] : [])))
  return reading.guests.filter(guest => wanted.has(guest.vmid) && (vmid === undefined || guest.vmid === vmid))
}

async function prove(guest: Guest, looked: CycleResult, settings: Settings): Promise<Proof> {
  const { report } = looked
  const explanations = explain(guest, report)
  const own = report.nics.filter(nic => nic.vmid === guest.vmid && nic.offer)
  const asked = await Promise.all(own.map(nic => probesOf(nic, looked, settings)))
  return {
    vmid: guest.vmid,
    guest: `${describeGuest(guest)}${guest.name === undefined ? '' : ` ${guest.name}`}`,
    steps: [...explanations.flatMap(believedSteps), ...asked.flat()],
  }
}

/** What others say of the way: of a lease nothing, since a guest need not have asked. */
function believedSteps({ steps, announced }: Explanation): Step[] {
  return [...steps, ...announced.flatMap(way => way.steps)].filter(({ step }) => step !== 'lease')
}

async function probesOf(
  { offer, server, lease }: NicReport,
  { report, reading, observation }: CycleResult,
  settings: Settings,
): Promise<Step[]> {
  const slot = report.servers.find(candidate => candidate.server === server)?.slot
  if (!offer || slot === undefined) return []
  const { bridge, tag } = offer.network
  const network = reading.policy.announce?.networks.find(
    other => other.bridge === bridge && other.tag === tag,
  )
  const device = deviceOf(network ?? { ...offer.network, prefixes: [] }, observation.links)
  const [exchange, wire] = await Promise.all([
    exchangeStep(offer, slotNames(settings.name, slot).link, lease),
    wireStep(offer, device),
  ])
  return [exchange, ...(wire ? [wire] : [])].map(step => ({ ...step, family: offer.family }))
}

function isBroken({ steps }: Proof): boolean {
  return steps.some(({ state }) => state === 'broken')
}

/** One guest whole; of many only what is broken. */
function describe(proofs: readonly Proof[]): string[] {
  const [only] = proofs
  if (proofs.length === 1 && only) return [only.guest, ...only.steps.map(describeStep)]
  const broken = proofs.filter(isBroken)
  return [
    `${counted(proofs.length, 'guest')}: ${broken.length === 0 ? 'all is proved' : `${broken.length} not well`}`,
    ...broken.flatMap(({ guest, steps }) => [
      guest,
      ...steps.filter(({ state }) => state === 'broken').map(describeStep),
    ]),
  ]
}
