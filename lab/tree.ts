import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { GuestType } from '../src/core/guest/names.ts'
import { PmxcfsCounters } from './pmxcfs.ts'

export interface TreeOptions {
  /** The cluster's nodes; the first is the one whose pmxcfs is simulated. */
  readonly nodes: readonly string[]
  /** Plain: no `.version`, `.vmlist` and `.members`, as in a copy of /etc/pve. */
  readonly plain?: boolean
}

/** Where a guest's configuration is. */
export interface GuestFile {
  readonly node: string
  readonly type: GuestType
  readonly path: string
}

const FOLDERS = { qemu: 'qemu-server', lxc: 'lxc' } as const satisfies Record<GuestType, string>

/** A folder that looks and changes as /etc/pve does. */
export class Tree {
  readonly root: string
  readonly #guests = new Map<number, GuestFile>()
  readonly #counters: PmxcfsCounters | undefined

  constructor(root: string, { nodes, plain = false }: TreeOptions) {
    this.root = root
    this.#counters = plain ? undefined : new PmxcfsCounters(nodes, now())
    for (const node of nodes) {
      for (const folder of Object.values(FOLDERS))
        mkdirSync(join(root, 'nodes', node, folder), { recursive: true })
    }
    this.#publish()
  }

  /** Where a guest's configuration is now. */
  find(vmid: number): GuestFile {
    const guest = this.#guests.get(vmid)
    if (guest === undefined) throw new Error(`no guest ${vmid} in ${this.root}`)
    return guest
  }

  /** Writes a guest's configuration as Proxmox does: a temporary file beside it, renamed onto it. */
  write(node: string, type: GuestType, vmid: number, text: string): void {
    const { path } = this.#register(node, type, vmid)
    replaceFile(path, text)
    this.#counters?.register(vmid, node, type)
    this.#publish()
  }

  /** Writes as an editor or a shell does: the file is empty for a moment, and pmxcfs counts two changes. */
  async writeInPlace(node: string, type: GuestType, vmid: number, text: string, emptyMs = 20): Promise<void> {
    const { path } = this.#register(node, type, vmid)
    writeFileSync(path, '')
    this.#counters?.register(vmid, node, type)
    this.#publish()
    await pause(emptyMs)
    writeFileSync(path, text)
    this.#counters?.register(vmid, node, type)
    this.#publish()
  }

  /** Replaces a guest's configuration by what `change` makes of it. */
  edit(vmid: number, change: (text: string) => string): void {
    const { node, type, path } = this.find(vmid)
    this.write(node, type, vmid, change(readFileSync(path, 'utf8')))
  }

  /** Moves a guest to another node, as a migration does at its commit point. pmxcfs counts two changes. */
  move(vmid: number, toNode: string): void {
    const { type, path } = this.find(vmid)
    const target = { node: toNode, type, path: this.#pathOf(toNode, type, vmid) }
    renameSync(path, target.path)
    this.#guests.set(vmid, target)
    this.#counters?.forget(vmid)
    this.#counters?.register(vmid, toNode, type)
    this.#publish()
  }

  remove(vmid: number): void {
    rmSync(this.find(vmid).path)
    this.#guests.delete(vmid)
    this.#counters?.forget(vmid)
    this.#publish()
  }

  /** Writes guestnet's policy. pmxcfs does not count it. */
  policy(text: string): void {
    this.writeFile('guestnet.yaml', text)
  }

  /** Writes any other file, by its path below the root. */
  writeFile(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    replaceFile(join(this.root, path), text)
    this.#counters?.touch(path)
    this.#publish()
  }

  /** The counters start over, as after a restart of pmxcfs. */
  restartPmxcfs(): void {
    this.#counters?.restart(now())
    this.#publish()
  }

  /** pmxcfs is gone for a moment: its own files cannot be read. Any later change brings them back. */
  hideVersion(): void {
    rmSync(join(this.root, '.version'), { force: true })
  }

  #register(node: string, type: GuestType, vmid: number): GuestFile {
    const known = this.#guests.get(vmid)
    if (known !== undefined && (known.node !== node || known.type !== type)) {
      throw new Error(`EEXIST: pmxcfs allows a guest one file only, and ${known.path} exists`)
    }
    const guest = { node, type, path: this.#pathOf(node, type, vmid) }
    this.#guests.set(vmid, guest)
    return guest
  }

  #pathOf(node: string, type: GuestType, vmid: number): string {
    return join(this.root, 'nodes', node, FOLDERS[type], `${vmid}.conf`)
  }

  /** `.version` last: who sees its new counter finds the rest already there. */
  #publish(): void {
    if (this.#counters === undefined) return
    replaceFile(join(this.root, '.members'), JSON.stringify(this.#counters.members()))
    replaceFile(join(this.root, '.vmlist'), JSON.stringify(this.#counters.vmlist()))
    replaceFile(join(this.root, '.version'), JSON.stringify(this.#counters.version()))
  }
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.tmp.${process.pid}`
  writeFileSync(temporary, text)
  renameSync(temporary, path)
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}
