import { readdirSync } from 'node:fs'
import type { Links } from '../core/link.ts'
import type { Slot } from '../core/observation.ts'
import { SERVER_ADDRESS, SERVER_LINK, slotNames, slotOfNamespace } from '../core/slot.ts'
import { run } from '../os/program.ts'

/** Where ip-netns(8) keeps named namespaces. */
export const NAMESPACES = '/run/netns'

type SlotNetwork = Pick<Slot, 'number' | 'link' | 'network'>

/** The slots of an instance, told by their namespaces and links; numbers in `known` are looked at in any case. */
export function observeSlots(instance: string, links: Links, known: readonly number[]): SlotNetwork[] {
  const namespaces = listNamespaces()
  const numbers = new Set(known)
  for (const namespace of namespaces) {
    const number = slotOfNamespace(instance, namespace)
    if (number !== undefined) numbers.add(number)
  }
  return [...numbers]
    .toSorted((a, b) => a - b)
    .map(number => {
      const { namespace, link: name } = slotNames(instance, number)
      const link = links.get(name)
      const isReady = namespaces.has(namespace) && link?.alias === instance && link.up && link.carrier
      const network = isReady ? 'ready' : namespaces.has(namespace) || link ? 'broken' : 'absent'
      return { number, link: name, network }
    })
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
export async function createSlot(
  instance: string,
  number: number,
  links: Links,
): Promise<string | undefined> {
  const { namespace, link } = slotNames(instance, number)
  const existing = links.get(link)
  if (existing && existing.alias !== instance) {
    return `the link ${link} exists and is not guestnet's; rename it or run guestnet with another --name`
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
    () => run('ip', ['netns', 'add', namespace]),
    () => run('ip', ['-batch', '-'], { input: outside }),
    () => run('ip', ['-n', namespace, '-batch', '-'], { input: inside }),
  ]
  for (const step of steps) {
    const outcome = await step()
    if (!outcome.ok) return outcome.reason
  }
  return undefined
}

/** Removes a slot's namespace and link, if they are there and guestnet's. Returns why something is left. */
export async function removeSlot(
  instance: string,
  number: number,
  links: Links,
): Promise<string | undefined> {
  const { namespace, link } = slotNames(instance, number)
  const reasons: string[] = []
  if (links.get(link)?.alias === instance) {
    const outcome = await run('ip', ['link', 'delete', link])
    if (!outcome.ok) reasons.push(outcome.reason)
  }
  if (listNamespaces().has(namespace)) {
    const outcome = await run('ip', ['netns', 'delete', namespace])
    if (!outcome.ok) reasons.push(outcome.reason)
  }
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
