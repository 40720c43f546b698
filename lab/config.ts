import { readFileSync } from 'node:fs'
import type { Guest } from '../src/core/guest/guest.ts'
import { parseVmid } from '../src/core/guest/names.ts'
import { toGuest } from '../src/pve/config/guest.ts'
import { parseGuestConfig } from '../src/pve/config/parsedConfig.ts'
import type { Tree } from './tree.ts'

/** A guest as its file in the tree says now. Which node starts it does not matter: it has one file in the cluster. */
export function readGuest(tree: Tree, number: number): Guest {
  const { node, type, path: file } = tree.find(number)
  const vmid = parseVmid(String(number))
  if (vmid === undefined) throw new Error(`${number} is no guest's number`)
  return toGuest(parseGuestConfig(readFileSync(file, 'utf8'), type), { node, file, vmid })
}
