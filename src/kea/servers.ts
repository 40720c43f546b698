import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Lease } from '../core/dhcp/lease.ts'
import type { DeadKea, KeaProcess } from '../core/dhcp/observation.ts'
import type { Offer } from '../core/dhcp/offer.ts'
import { familyOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import { applyEach, type ChangeOf, type Driver, type Failures } from '../core/driver.ts'
import type { Family } from '../core/values/family.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { readText, writeAtomically } from '../os/files.ts'
import { StartPatience } from '../os/startPatience.ts'
import { leaseHolders } from './config.ts'
import { countsOf, type KeaCounts } from './counts.ts'
import { KEA } from './daemons.ts'
import { filesInSlot, makeFolders, type SlotFiles, slotFiles, slotsOnDisk } from './directories.ts'
import { leasesOfGuests } from './hardwareAddress.ts'
import { KeaHealth, type Patient } from './health.ts'
import { mergeLeaseFiles } from './leaseFile.ts'
import { LeaseFollower } from './leaseFollower.ts'
import { LeaseStore } from './leaseStore.ts'
import { observeLeases } from './leases.ts'
import { PROBE } from './probeFrame.ts'
import { PROBE_ADDRESS6 } from './probeFrame6.ts'
import { endKea, isKeaAt, launchKea, leaseFolderOf, namespaceOf } from './process.ts'
import type { Retirements } from './retirements.ts'
import { readStored, type StoredConfig } from './stored.ts'

type Start = ChangeOf<'keas'>

const PROBE_ADDRESS = { ipv4: PROBE.address, ipv6: PROBE_ADDRESS6 } as const satisfies Record<Family, string>

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

const START_TIMEOUT = { first: 15_000, longest: 60_000 }

/**
 * The Keas of one instance. A Kea is never reconfigured: while it re-opens its socket it would lose messages. Instead a
 * new one is started beside it, and the old one ends once it has answered what it had taken.
 *
 * A slot's configuration file is written before its Kea starts and removed after it was ended on purpose. So a file
 * without a process is a Kea that died.
 */
export class KeaServers implements Driver<'keas', KeasBySlot> {
  readonly #options: KeaServersOptions
  readonly #store: LeaseStore
  readonly #health = new KeaHealth()
  /** By slot. */
  readonly #patience = new StartPatience<number>(START_TIMEOUT)
  /** By process id. */
  readonly #followed = new Map<number, Pick<SlotFiles, 'etc' | 'daemon'> & { follower: LeaseFollower }>()
  readonly #read = new Map<number, { text: string; stored: StoredConfig | undefined }>()

  constructor(options: KeaServersOptions) {
    this.#options = options
    this.#store = new LeaseStore(options.stateDir)
  }

  async observe(): Promise<KeasBySlot> {
    const slots = slotsOnDisk(this.#options.runDir)
    const found = await Promise.all(slots.map(async slot => [slot, await this.#observeSlot(slot)] as const))
    return new Map(found.flatMap(([slot, kea]) => (kea ? [[slot, kea] as const] : [])))
  }

  async #observeSlot(slot: number): Promise<KeaAtHome | DeadKea | undefined> {
    const files = filesInSlot(this.#options.runDir, slot)
    if (!files) return undefined
    const file = readText(files.configFile)
    const stored = file.ok ? this.#readStored(slot, file.text) : undefined
    if (!file.ok || !stored) return undefined
    const known = { config: file.text, ...(stored.kind === 'served' && { serves: stored.served }) }
    const pid = pidIn(files)
    if (pid === undefined) return { ...known, state: 'dead' }
    const isWell = await this.#health.answers(this.#patient(slot, pid, files, file.text))
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
    const answers = await Promise.all(
      slots
        .filter(slot => !this.#options.retirements.has(slot))
        .map(async slot => {
          const files = filesInSlot(this.#options.runDir, slot)
          const pid = files && pidIn(files)
          if (!files || pid === undefined) return false
          const config = this.#read.get(slot)?.text ?? ''
          return await this.#health.answersNow(this.#patient(slot, pid, files, config))
        }),
    )
    return answers.every(Boolean)
  }

  /** Only who watches health asks for leases, and only of a Kea that knows who asks: one of a former version does not. */
  #patient(slot: number, pid: number, { socket, daemon }: SlotFiles, config: string): Patient {
    const { name, probes = false } = this.#options
    const { family } = daemon
    const isAsked = probes && config.includes(PROBE_ADDRESS[family])
    return { pid, socket, ...(isAsked && { asked: { link: slotNames(name, slot).link, family } }) }
  }

  /** The leases that the Keas of these slots have given. Throws when one of them cannot be asked. */
  async leases(slots: readonly number[]): Promise<Lease[]> {
    const lists = slots.map(async slot => {
      const files = filesInSlot(this.#options.runDir, slot)
      return files ? await observeLeases(files, this.#offersAt(slot, files)) : []
    })
    return (await Promise.all(lists)).flat()
  }

  /** What the Keas of these slots counted; of those that do not answer, nothing. */
  async counts(servers: readonly { slot: number; server: ServerId }[]): Promise<KeaCounts[]> {
    const asked = servers.map(({ slot, server }) => countsOf(this.#options.runDir, slot, server))
    const told = await Promise.allSettled(asked)
    return told.flatMap(one => (one.status === 'fulfilled' && one.value ? [one.value] : []))
  }

  #storedAt(slot: number, { configFile }: SlotFiles): StoredConfig | undefined {
    const file = readText(configFile)
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
   * Keas are gone, or else `failure` says why it could not. What is read is what is new.
   */
  leaseNews(slots: readonly number[]): { leases: Lease[]; failure: string | undefined } {
    const leases: Lease[] = []
    for (const slot of slots) {
      const files = filesInSlot(this.#options.runDir, slot)
      const pid = files && pidIn(files)
      if (!files || pid === undefined) continue
      const follower = this.#follow(pid, files)
      const stored = this.#storedAt(slot, files)
      if (stored?.kind !== 'served') continue
      const { server, offers } = stored.served
      leases.push(...leasesOfGuests(follower.leases, offers))
      const kept = mergeLeaseFiles([follower.text], leaseHolders(offers))
      const saved = kept === undefined ? DONE : this.#store.save(server, kept)
      if (!saved.ok) return { leases, failure: saved.reason }
    }
    return { leases, failure: undefined }
  }

  /** What a Kea's lease file says by now. */
  #follow(pid: number, files: SlotFiles): LeaseFollower {
    for (const [other, { etc, daemon }] of this.#followed)
      if (!isKeaAt(other, { etc, daemon })) this.#followed.delete(other)
    const known = this.#followed.get(pid)
    const follower = known?.follower ?? new LeaseFollower(leaseFolderOf(pid), files.daemon.leasesName)
    if (!known) this.#followed.set(pid, { follower, etc: files.etc, daemon: files.daemon })
    follower.update()
    return follower
  }

  /** Starts Keas, one after the other, each with the leases its predecessors gave. */
  async apply(changes: readonly Start[]): Promise<Failures> {
    return await applyEach(changes, change => this.#start(change))
  }

  async #start(change: Start): Promise<Result> {
    const { slot, server } = change
    await this.#options.retirements.ended(slot)
    const files = slotFiles(this.#options.runDir, slot, KEA[familyOfServer(server)])
    try {
      this.#prepare(files, change)
    } catch (error) {
      return failed(`its files cannot be written: ${errorText(error)}`)
    }
    const { namespace } = slotNames(this.#options.name, slot)
    const timeout = this.#patience.of(slot)
    const launched = await launchKea(namespace, files, { unit: `${this.#options.name}-kea-${slot}`, timeout })
    this.#patience.note(slot, launched.ok)
    if (!launched.ok) {
      rmSync(files.configFile, { force: true })
      return launched
    }
    launched.child.on('exit', () => this.#options.onEnd?.())
    return DONE
  }

  /** Writes what a Kea is started with. Throws if the file system refuses. */
  #prepare(files: SlotFiles, { config, offers }: Start): void {
    makeFolders(files)
    // The folders may be those of a former Kea, of either family.
    for (const folder of [files.run, files.etc, files.log])
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
    const { family } = files.daemon
    const former = [...this.#store.saved(family), ...this.#liveLeases(family)]
    const leases = mergeLeaseFiles(former, leaseHolders(offers))
    if (leases !== undefined) writeAtomically(files.initialLeases, leases)
    writeAtomically(files.configFile, config)
  }

  /** The lease files of all running Keas of a family. */
  #liveLeases(family: SlotFiles['daemon']['family']): string[] {
    return slotsOnDisk(this.#options.runDir).flatMap(slot => {
      const files = filesInSlot(this.#options.runDir, slot)
      const pid = files?.daemon.family === family ? pidIn(files) : undefined
      return files && pid !== undefined ? [this.#follow(pid, files).text] : []
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

/** The process of a slot's Kea, by Kea's own pid file, written when it starts; `undefined` if there is none. */
function pidIn(files: SlotFiles): number | undefined {
  const file = readText(files.pidFile)
  const pid = file.ok ? Number.parseInt(file.text, 10) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 1 && isKeaAt(pid, files) ? pid : undefined
}
