import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { guestFailed } from '../../core/guest/eachByItself.ts'
import type { Guest } from '../../core/guest/guest.ts'
import { type GuestType, parseVmid, type Vmid } from '../../core/guest/names.ts'
import { type LocatedNotes, parseNotes } from '../../core/guest/notes.ts'
import { bounded } from '../../core/problem/bounded.ts'
import type { Problem } from '../../core/problem/problem.ts'
import { readText, statOf } from '../../os/files.ts'
import { HalfWritten } from '../../os/halfWritten.ts'
import { textOf } from '../config/bytes.ts'
import { toGuest } from '../config/guest.ts'
import { parseGuestConfig } from '../config/parsedConfig.ts'

/** A guest's file in the tree. */
export interface ConfigFile {
  readonly vmid: Vmid
  readonly type: GuestType
  readonly node: string
  readonly path: string
}

export interface KnownGuest {
  readonly guest: Guest
  readonly notes: LocatedNotes
}

const FOLDERS = { qemu: 'qemu-server', lxc: 'lxc' } as const

export function configFile(root: string, node: string, type: GuestType, vmid: Vmid): ConfigFile {
  return { vmid, type, node, path: join(root, 'nodes', node, FOLDERS[type], `${vmid}.conf`) }
}

/** The guests' files in a node's folder. Proxmox's own temporary files have other names and are left out. */
export function listConfigFiles(root: string, node: string): ConfigFile[] {
  return (['qemu', 'lxc'] as const).flatMap(type =>
    entriesOf(join(root, 'nodes', node, FOLDERS[type])).flatMap(({ name }) => {
      const [, digits = ''] = /^([1-9][0-9]*)\.conf$/.exec(name) ?? []
      const vmid = parseVmid(digits)
      return vmid === undefined ? [] : [configFile(root, node, type, vmid)]
    }),
  )
}

export function listNodes(root: string): string[] {
  return entriesOf(join(root, 'nodes')).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** A file whose time stamp is younger than this may change again without it showing: pmxcfs counts whole seconds. */
const FRESH_MS = 2500

/** A file's time and size; an empty text if it is not there. */
export function stampOf(path: string): string {
  const stat = statOf(path)
  return stat ? `${stat.mtimeMs} ${stat.size}` : ''
}

/**
 * What tells that a file changed without reading it. `undefined`: it is gone, or so fresh that only reading tells.
 */
export function signatureOf(path: string): string | undefined {
  const stat = statOf(path)
  if (!stat || Math.abs(Date.now() - stat.mtimeMs) < FRESH_MS) return undefined
  return `${stat.mtimeMs} ${stat.size}`
}

/** What one look at a guest's file comes to. */
export interface ReadGuest {
  readonly known: KnownGuest | undefined
  readonly intact: boolean
  readonly failure?: Problem
}

interface Cached {
  readonly known: KnownGuest
  readonly path: string
  readonly signature: string | undefined
  readonly text: string
  readonly inode: number
}

/**
 * Guests' files, read again only when they changed. While a file cannot be read, or is empty for a moment because
 * somebody writes it in place, its guest is what it was.
 */
export class ConfigCache {
  readonly #known = new Map<Vmid, Cached>()
  readonly #halfWritten = new HalfWritten()
  readonly #readGuest: typeof knowGuest

  /** `readGuest` makes a guest of a file's text. */
  constructor(readGuest = knowGuest) {
    this.#readGuest = readGuest
  }

  /**
   * The guest of a file; `undefined` if it was never readable. `intact` tells whether the file is readable now, `failure`
   * that reading it went wrong as it must not.
   */
  read(file: ConfigFile, signature: string | undefined): ReadGuest {
    const cached = this.#known.get(file.vmid)
    const isHere = cached?.path === file.path
    if (isHere && signature !== undefined && cached.signature === signature) {
      return { known: cached.known, intact: true }
    }
    const read = readText(file.path, textOf)
    if (!read.ok || !isWhole(read.text) || (cached && this.#halfWritten.is(file.path, read, cached))) {
      return { known: cached?.known, intact: false }
    }
    const { text, inode } = read
    if (isHere && cached.text === text) {
      this.#known.set(file.vmid, { ...cached, signature, inode })
      return { known: cached.known, intact: true }
    }
    try {
      const known = this.#readGuest(file, text)
      this.#known.set(file.vmid, { known, path: file.path, signature, text, inode })
      return { known, intact: true }
    } catch (error) {
      return {
        known: cached?.known,
        intact: false,
        failure: guestFailed({ ...file, file: file.path }, error),
      }
    }
  }

  /** Whether a file is as it was read: its signature tells. */
  isCurrent({ vmid, path }: ConfigFile, signature: string | undefined): boolean {
    const cached = this.#known.get(vmid)
    return signature !== undefined && cached?.path === path && cached.signature === signature
  }

  /** Drops guests that no longer exist. */
  keepOnly(vmids: ReadonlySet<Vmid>): void {
    for (const vmid of this.#known.keys()) if (!vmids.has(vmid)) this.#known.delete(vmid)
  }
}

/**
 * Proxmox never writes an empty file; zeros are what a file system leaves of one that was not written out. Any other character
 * may be part of a value, and must not freeze what the guest has.
 */
function isWhole(text: string): boolean {
  return text.trim() !== '' && !text.includes('\0')
}

/** The guest of a file that can be read. */
export function knowGuest(file: ConfigFile, text: string): KnownGuest {
  const { vmid, node, path } = file
  const guest = toGuest(parseGuestConfig(text, file.type), { node, file: path, vmid })
  const { notes, problems } = parseNotes(guest.notes, path, vmid)
  return { guest: { ...guest, problems: bounded([...guest.problems, ...problems]) }, notes }
}
