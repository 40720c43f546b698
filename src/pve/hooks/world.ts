import { join } from 'node:path'
import type { GuestType } from '../../core/guest/names.ts'
import { readText } from '../../os/files.ts'
import { readLxcConfig } from '../config/lxcConfig.ts'
import { readQemuConfig } from '../config/qemuConfig.ts'
import { listConfigFiles, listNodes } from '../tree/configFiles.ts'
import type { HookWorld } from './plan.ts'
import type { HookedGuest } from './step.ts'
import { parseStorages } from './storage.ts'

/** Reads what planning needs from a tree such as /etc/pve. Throws where it, or a guest's file, cannot be read. */
export function readHookWorld(root: string, node: string): HookWorld {
  const nodes = listNodes(root)
  if (!nodes.includes(node)) throw new Error(`${join(root, 'nodes', node)} does not exist`)
  return {
    node,
    nodes,
    storages: parseStorages(readOrThrow(join(root, 'storage.cfg'))),
    guests: listConfigFiles(root, node).map(({ type, vmid, path }): HookedGuest => {
      const hookscript = hookscriptOf(readOrThrow(path), type)
      return { type, vmid, ...(hookscript === undefined ? {} : { hookscript }) }
    }),
    read: path => {
      const file = readText(path)
      return file.ok ? file.text : undefined
    },
  }
}

function hookscriptOf(text: string, type: GuestType): string | undefined {
  const { values } = type === 'qemu' ? readQemuConfig(text) : readLxcConfig(text)
  return values.get('hookscript')?.value
}

function readOrThrow(path: string): string {
  const file = readText(path)
  if (!file.ok) throw new Error(file.reason)
  return file.text
}
