import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Lease } from '../core/dhcp/lease.ts'
import type { DeadKea, KeaProcess } from '../core/dhcp/observation.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import { familyOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import { applyEach, type ChangeOf, type Driver, type Failures } from '../core/driver.ts'
import { groupBy } from '../core/values/collection.ts'
import type { Family } from '../core/values/family.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { DONE, type Result } from '../core/values/result.ts'
import { FileTexts } from '../os/fileTexts.ts'
import { leaseHolders } from './config.ts'
import { countsOf, type KeaCounts } from './counts.ts'
import { filesInSlot, type SlotFiles, slotsOnDisk } from './directories.ts'
import { leasesOfGuests } from './hardwareAddress.ts'
import { mergeLeaseFiles } from './leaseFile.ts'
import { LeaseFollower } from './leaseFollower.ts'
import { LeaseStore } from './leaseStore.ts'
import { observeLeases } from './leases.ts'
import { Patients, PROBE_ADDRESS } from './patients.ts'
import { endKea, isKeaAt, leaseFolderOf, namespaceOf, pidIn } from './process.ts'
import type { Retirements } from './retirements.ts'
import { KeaStarter } from './starter.ts'
import { readStored, type StoredConfig } from './stored.ts'

type Start = ChangeOf<'keas'>

export interface KeaServersOptions {
  /** The instance's name. */
  readonly name: string
  readonly runDir: string
  readonly stateDir: string
  readonly retirements: Retirements
  /** Whether their health is watched: they are asked for leases as well. */
  readonly probes?: boolean
  /** Told when a Kea that this process started has ended. */
  readonly onEnd?: () => void
}

/** A Kea, and the inode of the network namespace it lives in. */
export type KeaAtHome = Omit<KeaProcess, 'ending'> & { readonly namespace?: number }

/** The slots that have, or had, a Kea. */
export type KeasBySlot = ReadonlyMap<number, KeaAtHome | DeadKea>

/**
 * The Keas of one instance. A Kea is never reconfigured while requests go to it: as it re-opens its socket it would lose
 * messages. Instead another one takes over, a spare one that was started beforehand or else one that is started now, and the old
 * one ends once it has answered what it had taken.
 *
 * A slot's configuration file is written before its Kea starts and removed after it was ended on purpose. So a file
 * without a process is a Kea that died.
 */
export class KeaServers implements Driver<'keas', KeasBySlot, ReadonlySet<number>> {
  readonly #options: KeaServersOptions
  readonly #store: LeaseStore
  readonly #patients: Patients
  readonly #starter: KeaStarter
  /** By process id. */
  readonly #followed = new Map<number, Followed>()
  readonly #joined = memoOfLast((...lists: readonly (readonly Lease[])[]) => lists.flat())
  readonly #texts = new FileTexts()
  readonly #read = new Map<number, { text: string; stored: StoredConfig | undefined }>()

  constructor(options: KeaServersOptions) {
    this.#options = options
    this.#store = new LeaseStore(options.stateDir)
    this.#patients = new Patients({ probes: false, ...options })
    this.#starter = new KeaStarter({
      ...options,
      ended: slot => options.retirements.ended(slot),
      formerLeases: family => [...this.#store.saved(family), ...this.#liveLeases(family)],
    })
  }

  /** What there is; those in `busy` slots are left out. */
  async observe(busy: ReadonlySet<number>): Promise<KeasBySlot> {
    const slots = slotsOnDisk(this.#options.runDir).filter(slot => !busy.has(slot))
    const found = await Promise.all(slots.map(async slot => [slot, await this.#observeSlot(slot)] as const))
    return new Map(found.flatMap(([slot, kea]) => (kea ? [[slot, kea] as const] : [])))
  }

  async #observeSlot(slot: number): Promise<KeaAtHome | DeadKea | undefined> {
    const files = filesInSlot(this.#options.runDir, slot)
    if (!files) return undefined
    const file = this.#texts.read(files.configFile)
    const stored = file.ok ? this.#readStored(slot, file.text) : undefined
    if (!file.ok || !stored) return undefined
    const known = {
      config: file.text,
      ...(stored.kind === 'served' && { serves: stored.served }),
      ...(stored.kind === 'spare' && { spareFor: stored.family }),
    }
    const pid = pidIn(files)
    if (pid === undefined) return { ...known, state: 'dead' }
    const isWell = await this.#patients.isWell(slot, pid, files, file.text)
    const namespace = namespaceOf(pid)
    return { ...known, pid, ...(namespace && { namespace }), state: isWell ? 'answering' : 'silent' }
  }

  /** The same text is read once only. */
  #readStored(slot: number, text: string): StoredConfig | undefined {
    const known = this.#read.get(slot)
    if (known?.text === text) return known.stored
    const stored = readStored(text)
    this.#read.set(slot, { text, stored })
    return stored
  }

  /** Whether the Keas of these slots all answer; those about to end on purpose count as well. */
  async areAnswering(slots: readonly number[]): Promise<boolean> {
    return await this.#patients.areWell(slots.filter(slot => !this.#options.retirements.has(slot)))
  }

  /** The leases that the Keas of these slots have given. Throws when one of them cannot be asked. */
  async leases(slots: readonly number[]): Promise<Lease[]> {
    const lists = slots.map(async slot => {
      const files = filesInSlot(this.#options.runDir, slot)
      return files ? await observeLeases(files, this.#offersAt(slot, files)) : []
    })
    return (await Promise.all(lists)).flat()
  }

  /**
   * The leases that the Keas of these slots have given to guests, as their files tell: Kea writes a lease before it gives it. Without
   * a question to Kea, of which each would be answered with all leases. Throws where there is no such file.
   */
  leasesWritten(slots: readonly number[]): Lease[] {
    return slots.flatMap(slot => {
      const files = filesInSlot(this.#options.runDir, slot)
      const pid = files && pidIn(files)
      if (!files || pid === undefined) throw new Error(`there is no Kea in namespace ${slot}`)
      const { follower, ofGuests } = this.#follow(pid, files)
      if (!follower.isThere) throw new Error(`the Kea in namespace ${slot} has no lease file`)
      return ofGuests(follower.leases, this.#offersAt(slot, files))
    })
  }

  /** What the Keas of these slots counted; of those that do not answer, nothing. */
  async counts(servers: readonly { slot: number; server: ServerId }[]): Promise<KeaCounts[]> {
    const asked = servers.map(({ slot, server }) => countsOf(this.#options.runDir, slot, server))
    const told = await Promise.allSettled(asked)
    return told.flatMap(one => (one.status === 'fulfilled' && one.value ? [one.value] : []))
  }

  #storedAt(slot: number, { configFile }: SlotFiles): StoredConfig | undefined {
    const file = this.#texts.read(configFile)
    return file.ok ? this.#readStored(slot, file.text) : undefined
  }

  #offersAt(slot: number, files: SlotFiles): readonly Offer[] {
    const stored = this.#storedAt(slot, files)
    return stored?.kind === 'served' ? stored.served.offers : []
  }

  /** The folder whose changes tell of new leases; `undefined` if there is no Kea. */
  leaseFolder(slot: number): string | undefined {
    const files = filesInSlot(this.#options.runDir, slot)
    const pid = files && pidIn(files)
    return pid === undefined ? undefined : leaseFolderOf(pid)
  }

  /**
   * The leases that the Keas of these slots have given by now, as their files tell; each is also kept for a time after all
   * Keas are gone, or else `failure` says why it could not. What is read is what is new; where that is nothing, the leases are
   * the same list as the last time.
   */
  leaseNews(slots: readonly number[]): { leases: readonly Lease[]; failure: string | undefined } {
    const lists: (readonly Lease[])[] = []
    let failure: string | undefined
    for (const slot of slots) {
      const files = filesInSlot(this.#options.runDir, slot)
      const pid = files && pidIn(files)
      if (!files || pid === undefined) continue
      const { follower, ofGuests, toKeep } = this.#follow(pid, files)
      const stored = this.#storedAt(slot, files)
      if (stored?.kind !== 'served') continue
      const { server, offers } = stored.served
      lists.push(ofGuests(follower.leases, offers))
      const kept = toKeep(follower.text, offers)
      const saved = kept === undefined ? DONE : this.#store.save(server, kept)
      if (!saved.ok) failure ??= saved.reason
    }
    return { leases: this.#joined(...lists), failure }
  }

  /** What a Kea's lease file says by now. */
  #follow(pid: number, files: SlotFiles): Followed {
    for (const [other, { etc, daemon }] of this.#followed)
      if (!isKeaAt(other, { etc, daemon })) this.#followed.delete(other)
    const followed = this.#followed.get(pid) ?? followedOf(pid, files)
    this.#followed.set(pid, followed)
    followed.follower.update()
    return followed
  }

  /** Starts Keas, or makes spare ones serve, of each family one after the other, each with the leases its predecessors gave. */
  async apply(changes: readonly Start[]): Promise<Failures> {
    const families = [...groupBy(changes, ({ server }) => familyOfServer(server)).values()]
    const failures = families.map(some => applyEach(some, change => this.serve(change)))
    return new Map((await Promise.all(failures)).flatMap(failed => [...failed]))
  }

  /** Has a server's Kea serve: a spare one, or one that is started. What it then serves need not be read back from its file. */
  async serve(change: Omit<Start, 'kind'>): Promise<Result> {
    const result = await this.#starter.start(change)
    const { slot, server, config, offers } = change
    if (result.ok)
      this.#read.set(slot, { text: config, stored: { kind: 'served', served: { server, offers } } })
    return result
  }

  /** Starts a Kea that serves nothing yet. */
  async startSpare(slot: number, family: Family): Promise<Result> {
    return await this.#starter.startSpare(slot, family)
  }

  /** The lease files of all running Keas of a family. */
  #liveLeases(family: SlotFiles['daemon']['family']): string[] {
    return slotsOnDisk(this.#options.runDir).flatMap(slot => {
      const files = filesInSlot(this.#options.runDir, slot)
      const pid = files?.daemon.family === family ? pidIn(files) : undefined
      return files && pid !== undefined ? [this.#follow(pid, files).follower.text] : []
    })
  }

  /** Ends every Kea of this instance and removes its folders below the run directory; leases stay. */
  async removeAll(): Promise<number> {
    const keas = slotsOnDisk(this.#options.runDir).flatMap(slot => {
      const files = filesInSlot(this.#options.runDir, slot)
      const pid = files && pidIn(files)
      return files && pid !== undefined ? [{ pid, files }] : []
    })
    await Promise.all(keas.map(({ pid, files }) => endKea(pid, files)))
    rmSync(join(this.#options.runDir, 'kea'), { recursive: true, force: true })
    return keas.length
  }
}

/** A Kea whose lease file is followed, and what follows from that, which is found again only when it changed. */
interface Followed extends Pick<SlotFiles, 'etc' | 'daemon'> {
  readonly follower: LeaseFollower
  readonly ofGuests: typeof leasesOfGuests
  readonly toKeep: (text: string, offers: readonly Offer[]) => string | undefined
}

/** Whoever looks whether a Kea is well leases an address again and again. */
function followedOf(pid: number, { etc, daemon }: SlotFiles): Followed {
  return {
    etc,
    daemon,
    follower: new LeaseFollower(leaseFolderOf(pid), daemon.leasesName, PROBE_ADDRESS[daemon.family]),
    ofGuests: memoOfLast(leasesOfGuests),
    toKeep: memoOfLast((text, offers) => mergeLeaseFiles([text], leaseHolders(offers))),
  }
}
