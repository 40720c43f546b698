import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '../core/change.ts'
import type { Lease } from '../core/dhcp/lease.ts'
import type { Kea } from '../core/dhcp/observation.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import { readText, writeAtomically } from '../os/files.ts'
import { leaseHolders, readConfig } from './config.ts'
import { makeFolders, type SlotFolders, slotFolders, slotsOnDisk } from './directories.ts'
import { KeaHealth } from './health.ts'
import { mergeLeaseFiles } from './leaseFile.ts'
import { LeaseStore, liveLeaseFiles } from './leaseStore.ts'
import { observeLeases } from './leases.ts'
import { endKea, isKeaAt, launchKea, leaseFolderOf, namespaceOf } from './process.ts'
import { Retirements } from './retirements.ts'

type Start = Extract<Change, { kind: 'server-start' }>
type Retirement = Extract<Change, { kind: 'server-retire' }>

export interface KeaServersOptions {
  /** The instance's name. */
  readonly name: string
  readonly runDir: string
  readonly stateDir: string
  /** Told when a Kea that this process started has ended. */
  readonly onEnd?: () => void
}

/** A Kea, and the inode of the network namespace it lives in. */
export interface KeaAtHome extends Kea {
  readonly namespace?: number
}

/**
 * The Keas of one instance. A Kea is never reconfigured: while it re-opens its socket it would lose messages. Instead a
 * new one is started beside it, and the old one ends once it has answered what it had taken.
 *
 * A slot's configuration file is written before its Kea starts and removed after it was ended on purpose. So a file
 * without a process is a Kea that died.
 */
export class KeaServers {
  readonly #options: KeaServersOptions
  readonly #store: LeaseStore
  readonly #retiring: Retirements
  readonly #health = new KeaHealth()
  readonly #read = new Map<number, { text: string; served: ReturnType<typeof readConfig> }>()

  constructor(options: KeaServersOptions) {
    this.#options = options
    this.#store = new LeaseStore(options.stateDir)
    this.#retiring = new Retirements(options.runDir)
  }

  /** The slots that have, or had, a Kea. Those about to end on purpose are among them until they have. */
  async observe(): Promise<Map<number, KeaAtHome>> {
    const slots = slotsOnDisk(this.#options.runDir)
    const found = await Promise.all(slots.map(async slot => [slot, await this.#observeSlot(slot)] as const))
    return new Map(found.flatMap(([slot, kea]) => (kea ? [[slot, kea] as const] : [])))
  }

  async #observeSlot(slot: number): Promise<KeaAtHome | undefined> {
    const folders = slotFolders(this.#options.runDir, slot)
    const file = readText(folders.configFile)
    const read = file.ok ? this.#readConfig(slot, file.text) : undefined
    if (!file.ok || !read) return undefined
    const pid = pidIn(folders)
    const known = { pid, ending: this.#retiring.has(slot), config: file.text, ...read }
    if (!isKeaAt(pid, folders.etc)) return { ...known, state: 'dead' }
    const isWell = await this.#health.answers(pid, folders.socket)
    const namespace = namespaceOf(pid)
    return { ...known, ...(namespace && { namespace }), state: isWell ? 'answering' : 'silent' }
  }

  /** The same text is read once only. */
  #readConfig(slot: number, text: string): ReturnType<typeof readConfig> {
    const known = this.#read.get(slot)
    if (known?.text === text) return known.served
    const served = readConfig(text)
    this.#read.set(slot, { text, served })
    return served
  }

  /** Whether the Keas of these slots all answer; those about to end on purpose count as well. */
  async areAnswering(slots: readonly number[]): Promise<boolean> {
    const answers = await Promise.all(
      slots
        .filter(slot => !this.#retiring.has(slot))
        .map(async slot => {
          const folders = slotFolders(this.#options.runDir, slot)
          return await this.#health.answersNow(pidIn(folders), folders.socket)
        }),
    )
    return answers.every(Boolean)
  }

  /** The leases a slot's Kea has given; none if it does not answer. */
  async leases(slot: number): Promise<Lease[]> {
    try {
      return await observeLeases(slotFolders(this.#options.runDir, slot).socket)
    } catch {
      return []
    }
  }

  /** The leases of all Keas that requests may go to. */
  async allLeases(): Promise<Lease[]> {
    const slots = slotsOnDisk(this.#options.runDir).filter(slot => !this.#retiring.has(slot))
    return (await Promise.all(slots.map(slot => this.leases(slot)))).flat()
  }

  /** The folder whose changes tell of new leases; `undefined` if there is no Kea. */
  leaseFolder(slot: number): string | undefined {
    const folders = slotFolders(this.#options.runDir, slot)
    const pid = pidIn(folders)
    return isKeaAt(pid, folders.etc) ? leaseFolderOf(pid) : undefined
  }

  /** Keeps the leases of these slots' Keas for a time after all of them are gone. Returns why it could not. */
  saveLeases(slots: readonly number[]): string | undefined {
    for (const slot of slots) {
      const folders = slotFolders(this.#options.runDir, slot)
      const file = readText(folders.configFile)
      const served = file.ok ? readConfig(file.text) : undefined
      const leases = served && mergeLeaseFiles(liveLeaseFiles(pidIn(folders)), leaseHolders(served.offers))
      const failure = served && leases !== undefined ? this.#store.save(served.server, leases) : undefined
      if (failure !== undefined) return failure
    }
    return undefined
  }

  /** Starts a Kea with the leases its predecessors gave. Returns why it could not. */
  async start(change: Start): Promise<string | undefined> {
    const { slot } = change
    await this.#retiring.ended(slot)
    const folders = slotFolders(this.#options.runDir, slot)
    try {
      this.#prepare(folders, change)
    } catch (error) {
      return `its files cannot be written: ${error instanceof Error ? error.message : String(error)}`
    }
    const { namespace } = slotNames(this.#options.name, slot)
    const launched = await launchKea(namespace, folders)
    if (!launched.ok) {
      rmSync(folders.configFile, { force: true })
      return launched.reason
    }
    launched.child.on('exit', () => this.#options.onEnd?.())
    return undefined
  }

  /** Writes what a Kea is started with. Throws if the file system refuses. */
  #prepare(folders: SlotFolders, { config, offers }: Start): void {
    makeFolders(folders)
    for (const name of readdirSync(folders.run)) rmSync(join(folders.run, name), { force: true })
    for (const file of [folders.logFile, folders.initialLeases, folders.configFile])
      rmSync(file, { force: true })
    const pids = slotsOnDisk(this.#options.runDir).map(slot => pidIn(slotFolders(this.#options.runDir, slot)))
    const former = [...this.#store.saved(), ...pids.flatMap(liveLeaseFiles)]
    const leases = mergeLeaseFiles(former, leaseHolders(offers))
    if (leases !== undefined) writeAtomically(folders.initialLeases, leases)
    writeAtomically(folders.configFile, config)
  }

  /** Ends a Kea that requests no longer go to, in the background; `settled` waits for all of them. */
  retire(change: Retirement): void {
    this.#retiring.begin(change)
  }

  /** Waits until all Keas that are to end have ended. */
  async settled(): Promise<void> {
    await this.#retiring.settled()
  }

  /** Ends every Kea of this instance and removes its folders below the run directory; leases stay. */
  async removeAll(): Promise<number> {
    const slots = slotsOnDisk(this.#options.runDir)
    const keas = slots
      .map(slot => slotFolders(this.#options.runDir, slot))
      .map(folders => ({ pid: pidIn(folders), etc: folders.etc }))
      .filter(({ pid, etc }) => isKeaAt(pid, etc))
    await Promise.all(keas.map(({ pid, etc }) => endKea(pid, etc)))
    rmSync(join(this.#options.runDir, 'kea'), { recursive: true, force: true })
    return keas.length
  }
}

/** Kea's own pid file, written when it starts. */
function pidIn({ pidFile }: SlotFolders): number {
  const file = readText(pidFile)
  const pid = file.ok ? Number.parseInt(file.text, 10) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 1 ? pid : 0
}
