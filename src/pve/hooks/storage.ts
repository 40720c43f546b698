import { join } from 'node:path'

/** A storage of the cluster, as far as snippets are concerned. */
export interface Storage {
  readonly name: string
  readonly type: string
  /** Where its files are, on every node it is on; absent: it holds no files. */
  readonly path?: string
  /** Of the snippets, below `path`. */
  readonly folder: string
  readonly content: readonly string[]
  /** Every node sees the same files. */
  readonly isShared: boolean
  /** The nodes it is on; absent: all. */
  readonly nodes?: readonly string[]
  readonly isDisabled: boolean
}

/** Kinds of storage that hold files, whether these are the same on all nodes, and what they hold where nothing is said. */
const KINDS: ReadonlyMap<string, { readonly isShared: boolean; readonly content: readonly string[] }> =
  new Map([
    ['dir', { isShared: false, content: ['images', 'rootdir'] }],
    ['btrfs', { isShared: false, content: ['images', 'rootdir'] }],
    ['nfs', { isShared: true, content: ['images'] }],
    ['cifs', { isShared: true, content: ['images'] }],
    ['cephfs', { isShared: true, content: ['backup'] }],
  ])

/** Reads /etc/pve/storage.cfg (pvesm(1)): `type: name`, then indented lines of `key value`. */
export function parseStorages(text: string): Map<string, Storage> {
  const storages = new Map<string, Storage>()
  let open: { type: string; name: string; values: Map<string, string> } | undefined
  const close = () => {
    if (open) storages.set(open.name, toStorage(open))
    open = undefined
  }
  for (const line of text.split('\n')) {
    const [, type, name] = /^([a-z][a-z0-9]*):\s*(\S+)\s*$/.exec(line) ?? []
    const [, key, value = ''] = /^\s+(\S+)(?:\s+(.*\S))?\s*$/.exec(line) ?? []
    if (type !== undefined && name !== undefined) {
      close()
      open = { type, name, values: new Map() }
    } else if (key !== undefined) open?.values.set(key, value)
  }
  close()
  return storages
}

function toStorage({
  type,
  name,
  values,
}: {
  type: string
  name: string
  values: ReadonlyMap<string, string>
}): Storage {
  const kind = KINDS.get(type)
  const path = values.get('path') ?? defaultPath(type, name)
  const nodes = values.get('nodes')
  const content = values.get('content')
  const [, folder = 'snippets'] = /(?:^|,)snippets=([^,]+)/.exec(values.get('content-dirs') ?? '') ?? []
  return {
    name,
    type,
    ...(kind && path !== undefined ? { path } : {}),
    folder,
    content: content === undefined ? (kind?.content ?? []) : listOf(content),
    isShared: kind?.isShared === true || isOn(values.get('shared')),
    ...(nodes === undefined ? {} : { nodes: listOf(nodes) }),
    isDisabled: isOn(values.get('disable')),
  }
}

/** `local` is always there; what Proxmox mounts itself, it mounts below /mnt/pve. */
function defaultPath(type: string, name: string): string | undefined {
  if (type === 'dir') return name === 'local' ? '/var/lib/vz' : undefined
  return join('/mnt/pve', name)
}

function listOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(word => word !== '' && word !== 'none')
}

/** A key alone means yes. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(?:|1|on|yes|true)$/i.test(value)
}

/** Where a storage has its snippets; `undefined` for one that holds no files. */
export function snippetsFolder({ path, folder }: Storage): string | undefined {
  return path === undefined ? undefined : join(path, folder)
}

/** Whether a file that is put there on one node is there on all of these. */
export function isEverywhere({ isShared, nodes: on }: Storage, nodes: readonly string[]): boolean {
  return nodes.length < 2 || (isShared && nodes.every(node => on?.includes(node) ?? true))
}
