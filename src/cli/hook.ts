import { setTimeout as delay } from 'node:timers/promises'
import { askArrival } from '../agent/askArrival.ts'
import { poke } from '../agent/poke.ts'
import type { Told } from '../agent/told.ts'
import { parseVmid, type Vmid } from '../core/guest/names.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Arrival } from '../core/report/arrival.ts'
import { errorText } from '../os/errorText.ts'
import { EXIT, print, printJson } from './exit.ts'
import { hookInstallVerb, hookRemoveVerb } from './hookInstall.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

/** Milliseconds since this process began: until then a guest is waited for, and whatever hangs is given up. Below 2 s. */
const PATIENCE = { wait: 1700, hard: 1850 }

/** Milliseconds between looks at a guest that is not there yet; the agent works without being asked again. */
const LOOK_AGAIN = 50

const PHASES: readonly string[] = ['pre-start', 'post-start', 'pre-stop', 'post-stop']

/** Of Proxmox's phases, the one after which the guest has its ports and its addresses are wanted. */
const AWAITED = 'post-start'

/**
 * `guestnet hook VMID PHASE`: what a hookscript calls. Proxmox gives a hook no time limit, and lets a guest's start,
 * migration or recovery fail with it: so it ends in 2 s and with 0, whatever happens and whatever it is given.
 */
export function hookVerb() {
  const command = nodeVerb(
    'hook',
    'called by a guest’s hookscript: wake the agent, and say how far the guest is',
  )
    .argument('[vmid]', 'the guest')
    .argument('[phase]', 'pre-start, post-start, pre-stop or post-stop')
    .allowExcessArguments()
    .allowUnknownOption()
    .showHelpAfterError(false)
    .exitOverride(() => process.exit(EXIT.ok))
    .enablePositionalOptions()
    .action(async (vmid: string | undefined, phase: string | undefined) => {
      process.once('uncaughtException', () => process.exit(EXIT.ok))
      const line = await inTime(hook(settingsOf(command), vmid, phase))
      const text = `${line} (${Math.round(performance.now())} ms)`.replaceAll(/\s+/g, ' ')
      if (formatOf(command) === 'json') printJson({ message: text })
      else print(`guestnet: ${text}`)
      process.exit(EXIT.ok)
    })
  command.addCommand(hookInstallVerb())
  command.addCommand(hookRemoveVerb())
  return examples(
    command,
    'guestnet hook 100 post-start',
    'guestnet hook install 100 101',
    'guestnet hook remove --all',
  )
}

/** What the work comes to, or, where that takes too long or fails, what is to be said of it. */
function inTime(work: Promise<string>): Promise<string> {
  return Promise.race([work.catch(errorText), delay(left('hard'), LATE)])
}

function left(until: keyof typeof PATIENCE): number {
  return Math.max(1, PATIENCE[until] - performance.now())
}

async function hook(settings: Settings, digits = '', phase = ''): Promise<string> {
  const vmid = parseVmid(digits)
  if (vmid === undefined) return 'a hook is called with the number of a guest and a phase: nothing was done'
  if (phase !== '' && !PHASES.includes(phase)) {
    return `${JSON.stringify(phase.slice(0, 40))} is none of Proxmox’s phases (${PHASES.join(', ')}): nothing was done`
  }
  const source = process.env.PVE_MIGRATED_FROM ?? ''
  if (phase === AWAITED && source === '') return await arrive(settings, vmid)
  if (!(await poke(settings, left('wait')))) return `guest ${vmid}: ${noAnswer()}`
  // Both start hooks run on the target before anything is copied: the guest is not here for a long while yet.
  if (source !== '') return `guest ${vmid} is coming from ${source}: announced here as soon as it is here`
  return `guest ${vmid}: the agent has been told${phase === '' ? '' : ` of ${phase}`}`
}

const NO_AGENT = 'no agent answers on this node (systemctl status guestnet), so nothing was waited for'
const LATE = 'the agent has not answered in time (systemctl status guestnet), so it was waited for no longer'

/** Who begins late on a busy node may have asked nobody. */
function noAnswer(): string {
  return left('wait') > LOOK_AGAIN ? NO_AGENT : LATE
}

/** Why there is nothing to wait for. */
function withoutArrival(told: Exclude<Told<Arrival>, { kind: 'value' }>): string {
  switch (told.kind) {
    case 'silent':
      return LATE
    case 'no agent':
      return noAnswer()
    case 'other version':
      return 'the agent is another version (systemctl restart guestnet): it has been told, and nothing was waited for'
    case 'failed':
      return told.reason
  }
}

/** Waits until a guest that has started is served and announced. */
async function arrive(settings: Settings, vmid: Vmid): Promise<string> {
  let told = await askArrival(settings, vmid, 'converge', left('wait'))
  // What it does not know it has not heard either.
  if (told.kind === 'other version') await poke(settings, left('wait'))
  for (;;) {
    if (told.kind !== 'value') return `guest ${vmid}: ${withoutArrival(told)}`
    const { isDone, text } = told.value
    if (isDone || left('wait') <= LOOK_AGAIN) return text
    await delay(LOOK_AGAIN)
    const next = await askArrival(settings, vmid, 'as it is', left('wait'))
    if (next.kind === 'value') told = next
  }
}
