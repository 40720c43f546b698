import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * The name of this node in its cluster: where the link `local` leads that pmxcfs shows in /etc/pve. The host's name is another
 * one where guestnet runs in a container on the node. `undefined`: the tree has no such link, as a copy of it, or does not
 * answer within `patience` milliseconds.
 */
export async function localNode(pveRoot: string, patience = 500): Promise<string | undefined> {
  const target = readlink(join(pveRoot, 'local')).catch(() => undefined)
  const answered = await Promise.race([target, delay(patience, undefined, { ref: false })])
  const [, name] = /^nodes\/([^/]+)$/.exec(answered ?? '') ?? []
  return name
}
