import { type Command, InvalidArgumentError } from 'commander'
import { parseVmid, type Vmid } from '../core/guest/names.ts'
import type { Performed } from '../pve/hooks/perform.ts'
import {
  type HookPlan,
  type HookRefusal,
  type HookWorld,
  planInstall,
  planRemove,
} from '../pve/hooks/plan.ts'
import { describeStep } from '../pve/hooks/step.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, settingsOf } from './options.ts'

interface InstallFlags {
  readonly all: boolean
  readonly storage: string
  readonly everywhere: boolean
}

/** `guestnet hook install VMID…`: makes guests of this node call guestnet when they start and stop. */
export function hookInstallVerb() {
  const command = changingVerb(
    'install',
    'make guests of this node call guestnet; without a guest, only put the script there',
  )
    .option('--storage <storage>', 'where the script goes: a storage with content snippets', 'local')
    .option('--everywhere', 'the storage is not shared, but the script is on every node', false)
  command.action(async (vmids: Vmid[]) => {
    const { all, storage, everywhere } = command.opts<InstallFlags>()
    await change(command, world =>
      planInstall(world, { wanted: all ? allOf(world) : vmids, storage, everywhere }),
    )
  })
  return examples(
    command,
    'guestnet hook install 100 101 --dry-run',
    'guestnet hook install --all --storage shared-nfs',
    'guestnet hook install                    # on each node, then:',
    'guestnet hook install --all --everywhere',
  )
}

/** `guestnet hook remove VMID…`: gives guests of this node the hookscript they had before, or none. */
export function hookRemoveVerb() {
  const command = changingVerb('remove', 'give guests of this node their former hookscript again, or none')
  command.action(async (vmids: Vmid[]) => {
    const { all } = command.opts<InstallFlags>()
    if (!all && vmids.length === 0) command.error('error: name guests, or give --all')
    await change(command, world => planRemove(world, all ? allOf(world) : vmids))
    // The scripts stay: snapshots and backups of the guests name them, and would not start without.
  })
  return examples(command, 'guestnet hook remove 100', 'guestnet hook remove --all --dry-run')
}

function changingVerb(name: string, summary: string): Command {
  return nodeVerb(name, summary)
    .argument('[vmid...]', 'the guests', (text: string, before: Vmid[] = []) => [...before, vmidOf(text)])
    .option('--all', 'every guest of this node', false)
    .option('--dry-run', 'only show what would be done', false)
}

function vmidOf(text: string): Vmid {
  const vmid = parseVmid(text)
  if (vmid === undefined) throw new InvalidArgumentError('It must be the number of a guest.')
  return vmid
}

function allOf({ guests }: HookWorld): Vmid[] {
  return guests.map(({ vmid }) => vmid)
}

/** Plans and, unless it is to be shown only, does it. */
async function change(command: Command, plan: (world: HookWorld) => HookPlan): Promise<void> {
  const { pveRoot, node } = settingsOf(command)
  // Not before it is needed: starts of guests wait for `guestnet hook VMID PHASE`, which these verbs stand beside.
  const { readHookWorld } = await import('../pve/hooks/world.ts')
  const { perform } = await import('../pve/hooks/perform.ts')
  const { steps, refusals } = plan(readHookWorld(pveRoot, node))
  const isDry = command.opts<{ dryRun: boolean }>().dryRun
  const done: Performed[] = isDry ? steps.map(step => ({ step })) : await perform(steps)
  if (formatOf(command) === 'json') {
    printJson({ steps: done.map(({ step, failure }) => describe(step, failure)), refusals })
  } else {
    for (const { step, failure } of done) if (failure === undefined) print(describeStep(step))
    if (done.length === 0 && refusals.length === 0) print('nothing to do')
  }
  const failed = done.filter(({ failure }) => failure !== undefined)
  for (const { step, failure } of failed) complain(`${describeStep(step)} failed: ${failure}`)
  for (const refusal of refusals) complain(describeRefusal(refusal))
  process.exitCode = failed.length + refusals.length === 0 ? EXIT.ok : EXIT.error
}

function describe(step: Performed['step'], failure: string | undefined) {
  return { ...step, description: describeStep(step), failure: failure ?? null }
}

function describeRefusal({ vmid, reason, remedy }: HookRefusal): string {
  const who = vmid === undefined ? '' : `guest ${vmid}: `
  return `${who}${reason}${remedy === undefined ? '' : `. ${remedy}`}`
}
