import { readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER_ADDRESS, SERVER_LINK, slotNames, slotOfNamespace } from '../core/dhcp/slot.ts'
import type { Links } from '../core/node/link.ts'
import { DONE, failed, type Result, together } from '../core/values/result.ts'
import { type Outcome, run } from '../os/program.ts'
import { seenByAll } from '../os/unitManager.ts'

/** Where ip-netns(8) keeps named namespaces. */
export const NAMESPACES = '/run/netns'

/** What is seen of a slot from outside. */
export interface SlotNetwork {
  readonly number: number
  readonly link: string
  /** Its veth pair is there, up at both ends, and marked as this instance's. */
  readonly linkIsUp: boolean
  /** Something has the slot's names. */
  readonly exists: boolean
  /** Only the namespace's name speaks for it, which may as well be another instance's: `a-2` is also slot 2 of `a`. */
  readonly isForeign: boolean
  /**
   * The inode of the network namespace that bears the slot's name, if one does; `elsewhere`: the name is in use, but what
   * it means can only be seen from another mount namespace, such as one that `ip netns exec` makes.
   */
  readonly namespace: number | 'elsewhere' | undefined
}

/** The slots of an instance, told by their namespaces and links; numbers in `known` are looked at in any case. */
export function observeSlots(instance: string, links: Links, known: readonly number[]): SlotNetwork[] {
  const names = listNamespaces()
  const numbers = new Set(known)
  for (const name of names) {
    const number = slotOfNamespace(instance, name)
    if (number !== undefined) numbers.add(number)
  }
  return [...numbers]
    .toSorted((a, b) => a - b)
    .map(number => {
      const { namespace, link: name } = slotNames(instance, number)
      const link = links.get(name)
      return {
        number,
        link: name,
        linkIsUp: link?.alias === instance && link.up && link.carrier,
        exists: names.has(namespace) || link !== undefined,
        isForeign: number > 1 && names.has(namespace) && link?.alias !== instance && !known.includes(number),
        namespace: names.has(namespace) ? inodeOfNamespace(namespace) : undefined,
      }
    })
}

/** statfs(2) of a namespace's file. */
const NSFS_MAGIC = 0x6e736673

function inodeOfNamespace(name: string): number | 'elsewhere' | undefined {
  const file = join(NAMESPACES, name)
  try {
    return statfsSync(file).type === NSFS_MAGIC ? statSync(file).ino : 'elsewhere'
  } catch {
    return undefined
  }
}

/** Gives a slot's name to the namespace that a process lives in. */
export async function nameSlot(instance: string, number: number, pid: number): Promise<Result> {
  const { namespace } = slotNames(instance, number)
  if (listNamespaces().has(namespace)) await removeName(namespace)
  return await netns('attach', namespace, String(pid))
}

/** Changes names that all of the node uses, ip-netns(8). */
async function netns(...words: readonly string[]): Promise<Outcome> {
  const [program = 'ip', ...args] = [...seenByAll(), 'ip', 'netns', ...words]
  return await run(program, args)
}

async function removeName(namespace: string): Promise<Result> {
  const outcome = await netns('delete', namespace)
  // What is left of a name whose mount is elsewhere is an ordinary empty file.
  if (!outcome.ok) rmSync(join(NAMESPACES, namespace), { force: true })
  return listNamespaces().has(namespace) ? outcome : DONE
}

function listNamespaces(): Set<string> {
  try {
    return new Set(readdirSync(NAMESPACES))
  } catch {
    // The folder appears with the first namespace.
    return new Set()
  }
}

/**
 * Makes a slot's namespace and veth pair, removing what is left of a former one first. Nothing is attached to any
 * bridge, and neither end gets an IPv6 address, so neither says anything of its own accord.
 */
export async function createSlot(instance: string, number: number, links: Links): Promise<Result> {
  const { namespace, link } = slotNames(instance, number)
  const existing = links.get(link)
  if (existing && existing.alias !== instance) {
    return failed(
      `the link ${link} exists and is not guestnet's; rename it or run guestnet with another --name`,
    )
  }
  await removeSlot(instance, number, links)
  const outside = `link add ${link} type veth peer name ${SERVER_LINK} netns ${namespace}
link set ${link} addrgenmode none alias ${instance}
link set ${link} up
`
  const inside = `link set lo up
link set ${SERVER_LINK} addrgenmode none
link set ${SERVER_LINK} up
address add ${SERVER_ADDRESS}/32 dev ${SERVER_LINK}
`
  const steps = [
    () => netns('add', namespace),
    () => run('ip', ['-batch', '-'], { input: outside }),
    () => run('ip', ['-n', namespace, '-batch', '-'], { input: inside }),
  ]
  for (const step of steps) {
    const outcome = await step()
    if (!outcome.ok) return outcome
  }
  return DONE
}

/** Removes a slot's namespace and link, if they are there and guestnet's. */
export async function removeSlot(instance: string, number: number, links: Links): Promise<Result> {
  const { namespace, link } = slotNames(instance, number)
  const results: Result[] = []
  if (links.get(link)?.alias === instance) {
    const outcome = await run('ip', ['link', 'delete', link])
    // It may have gone with the last process of its namespace.
    if (!outcome.ok && !outcome.stderr.includes('Cannot find device')) results.push(outcome)
  }
  if (listNamespaces().has(namespace)) results.push(await removeName(namespace))
  return together(results)
}
