import { join } from 'node:path'
import type { Vmid } from '../../core/guest/names.ts'
import { chainNameOf, chainScript, formerOf, hookScript, kindOf, SCRIPT_NAME } from './script.ts'
import type { HookedGuest, HookStep } from './step.ts'
import { isEverywhere, type Storage, snippetsFolder } from './storage.ts'
import { parseSnippet, volumeOf } from './volume.ts'

/** What is known of the node and its cluster. */
export interface HookWorld {
  readonly node: string
  /** All of the cluster's. */
  readonly nodes: readonly string[]
  readonly storages: ReadonlyMap<string, Storage>
  /** Those of this node. */
  readonly guests: readonly HookedGuest[]
  /** A file's text; `undefined` if it cannot be read. */
  readonly read: (path: string) => string | undefined
}

/** Why something is not done, and what to do about it. */
export interface HookRefusal {
  readonly vmid?: number
  readonly reason: string
  readonly remedy?: string
}

export interface HookPlan {
  readonly steps: readonly HookStep[]
  readonly refusals: readonly HookRefusal[]
}

export interface InstallOptions {
  /** Whose; empty: only the script is put there. */
  readonly wanted: readonly Vmid[]
  readonly storage: string
  /** Somebody vouches for the script being on every node. */
  readonly everywhere: boolean
}

/** What makes these guests call guestnet. */
export function planInstall(world: HookWorld, { wanted, storage, everywhere }: InstallOptions): HookPlan {
  const place = storagePlaceOf(world, storage)
  if ('reason' in place) return { steps: [], refusals: [place] }
  const path = join(place.folder, SCRIPT_NAME)
  const script: HookStep[] =
    world.read(path) === hookScript() ? [] : [{ kind: 'write', path, text: hookScript() }]
  const missing = wanted.length > 0 && !everywhere ? missingElsewhere(world, place) : undefined
  if (missing) return { steps: [], refusals: [missing] }
  const plans = forEach(world, wanted, guest => planGuest(world, place, guest))
  return { steps: [...script, ...plans.steps], refusals: plans.refusals }
}

/** What gives these guests their former hookscript again, if they had one. The scripts stay where they are. */
export function planRemove(world: HookWorld, wanted: readonly Vmid[]): HookPlan {
  return forEach(world, wanted, guest => {
    const { type, vmid, hookscript = '' } = guest
    const kind = kindOf(parseSnippet(hookscript)?.name ?? '')
    if (kind === 'foreign') return []
    if (kind === 'shared') return [{ kind: 'unset', type, vmid }]
    const volume = formerVolume(world, hookscript)
    return volume === undefined ? formerUnknown(vmid, hookscript) : [{ kind: 'set', type, vmid, volume }]
  })
}

interface Place {
  readonly storage: Storage
  readonly folder: string
}

/** Where the scripts go, or why they cannot. */
function storagePlaceOf({ storages, node }: HookWorld, name: string): Place | HookRefusal {
  const storage = storages.get(name)
  if (!storage) return { reason: `there is no storage ${name} in storage.cfg`, remedy: CHOOSE }
  const folder = snippetsFolder(storage)
  if (folder === undefined) {
    return { reason: `storage ${name} is of type ${storage.type}, which holds no snippets`, remedy: CHOOSE }
  }
  if (storage.isDisabled || storage.nodes?.includes(node) === false) {
    return { reason: `storage ${name} is not available on node ${node}`, remedy: CHOOSE }
  }
  if (!storage.content.includes('snippets')) {
    const content = [...storage.content, 'snippets'].join(',')
    return {
      reason: `storage ${name} is not for snippets, and Proxmox takes a hookscript from nowhere else`,
      remedy: `Allow it: pvesm set ${name} --content ${content}`,
    }
  }
  return { storage, folder }
}

const CHOOSE = 'Name another with --storage; pvesm status lists them.'

/** A guest does not start on a node, nor arrive there, nor is it recovered there, where its hookscript is missing. */
function missingElsewhere({ nodes, node }: HookWorld, { storage, folder }: Place): HookRefusal | undefined {
  if (isEverywhere(storage, nodes)) return undefined
  const others = nodes.filter(name => name !== node)
  return {
    reason: `storage ${storage.name} is not shared, so ${others.join(', ')} may lack the script; Proxmox would then refuse to start, migrate or recover these guests there`,
    remedy: `Run guestnet hook install, without a guest, on each node, then this with --everywhere; or name a shared storage with --storage. Scripts ${join(folder, `${SCRIPT_NAME}-VMID`)} of guests that have a hookscript already must be copied.`,
  }
}

function planGuest(world: HookWorld, place: Place, guest: HookedGuest): HookStep[] | HookRefusal {
  const { type, vmid, hookscript } = guest
  const shared = { storage: place.storage.name, name: SCRIPT_NAME }
  const set: HookStep = { kind: 'set', type, vmid, volume: volumeOf(shared) }
  if (hookscript === undefined) return [set]
  if (hookscript === set.volume) return []
  const kind = kindOf(parseSnippet(hookscript)?.name ?? '')
  const isThere = readVolume(world, hookscript) !== undefined
  if (kind === 'shared') return isThere ? [] : [set]
  // A clone of a guest has that guest's script, which does for it too.
  if (kind === 'chain') return isThere ? [] : formerUnknown(vmid, hookscript)
  const path = pathOf(world, hookscript)
  if (path === undefined || !isThere) {
    return {
      vmid,
      reason: `its hookscript ${hookscript} cannot be read on this node, so nothing can be chained to it`,
      remedy: `Put it there, or take it away: ${type === 'qemu' ? 'qm' : 'pct'} set ${vmid} --delete hookscript`,
    }
  }
  const chain = { storage: place.storage.name, name: chainNameOf(vmid) }
  return [
    { kind: 'write', vmid, path: join(place.folder, chain.name), text: chainScript(hookscript, path) },
    { kind: 'set', type, vmid, volume: volumeOf(chain) },
  ]
}

function formerUnknown(vmid: Vmid, volume: string): HookRefusal {
  return {
    vmid,
    reason: `its hookscript ${volume} is not on this node or not as guestnet wrote it, so what the guest had before is not known`,
    remedy: 'Copy it from a node that has it.',
  }
}

function forEach(
  { guests, node }: HookWorld,
  wanted: readonly Vmid[],
  plan: (guest: HookedGuest) => HookStep[] | HookRefusal,
): HookPlan {
  const known = new Map(guests.map(guest => [guest.vmid, guest]))
  const planned = wanted.map(vmid => {
    const guest = known.get(vmid)
    return guest
      ? plan(guest)
      : { vmid, reason: `it is not on node ${node}`, remedy: 'Run this on the node it is on.' }
  })
  return {
    steps: planned.flatMap(result => (Array.isArray(result) ? result : [])),
    refusals: planned.flatMap(result => (Array.isArray(result) ? [] : [result])),
  }
}

function formerVolume(world: HookWorld, volume: string): string | undefined {
  return formerOf(readVolume(world, volume) ?? '')
}

function readVolume(world: HookWorld, volume: string): string | undefined {
  const path = pathOf(world, volume)
  return path === undefined ? undefined : world.read(path)
}

function pathOf({ storages }: HookWorld, volume: string): string | undefined {
  const snippet = parseSnippet(volume)
  const storage = snippet && storages.get(snippet.storage)
  const folder = storage && snippetsFolder(storage)
  return snippet && folder !== undefined ? join(folder, snippet.name) : undefined
}
