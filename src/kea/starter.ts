import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { familyOfServer } from '../core/dhcp/serverId.ts'
import { slotNames } from '../core/dhcp/slot.ts'
import type { ChangeOf } from '../core/driver.ts'
import type { Family } from '../core/values/family.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { writeAtomically } from '../os/files.ts'
import { StartPatience } from '../os/startPatience.ts'
import { leaseHolders } from './config.ts'
import { KEA } from './daemons.ts'
import { hooksFolder, makeFolders, type SlotFiles, slotFiles } from './directories.ts'
import { mergeLeaseFiles } from './leaseFile.ts'
import { endKea, launchKea } from './process.ts'
import { makeServe, renderSpare, type SlotContent } from './spare.ts'

export interface KeaStarterOptions {
  /** The instance's name. */
  readonly name: string
  readonly runDir: string
  /** Waits until a slot's Kea, if it is to end, has ended. */
  readonly ended: (slot: number) => Promise<void>
  /** The lease files of former Keas of a family. */
  readonly formerLeases: (family: Family) => readonly string[]
  /** Told when a Kea that this process started has ended. */
  readonly onEnd?: () => void
}

const START_TIMEOUT = { first: 15_000, longest: 60_000 }

/** Starts Keas in slots. */
export class KeaStarter {
  readonly #options: KeaStarterOptions
  /** By slot. */
  readonly #patience = new StartPatience<number>(START_TIMEOUT)

  constructor(options: KeaStarterOptions) {
    this.#options = options
  }

  /**
   * Has a server's Kea serve, with the leases its predecessors gave: a spare one (`spare` is its process id), or one that is
   * started. A spare one that does not do it is ended, and another one started in its place.
   */
  async start({ slot, server, config, offers, spare }: Omit<ChangeOf<'keas'>, 'kind'>): Promise<Result> {
    await this.#options.ended(slot)
    const files = slotFiles(this.#options.runDir, slot, KEA[familyOfServer(server)])
    const leases = mergeLeaseFiles(this.#options.formerLeases(files.daemon.family), leaseHolders(offers))
    if (spare !== undefined) {
      const result = await makeServe(spare, files, { config, leases })
      if (result.ok) return DONE
      await endKea(spare, files)
    }
    return await this.#launch(slot, files, { config, leases })
  }

  /** Starts a Kea that serves nothing yet. */
  async startSpare(slot: number, family: Family): Promise<Result> {
    await this.#options.ended(slot)
    const config = renderSpare(family, hooksFolder())
    return await this.#launch(slot, slotFiles(this.#options.runDir, slot, KEA[family]), { config })
  }

  async #launch(slot: number, files: SlotFiles, content: SlotContent): Promise<Result> {
    try {
      prepare(files, content)
    } catch (error) {
      return failed(`its files cannot be written: ${errorText(error)}`)
    }
    const { name, onEnd } = this.#options
    const timeout = this.#patience.of(slot)
    const { namespace } = slotNames(name, slot)
    const launched = await launchKea(namespace, files, { unit: `${name}-kea-${slot}`, timeout })
    this.#patience.note(slot, launched.ok)
    if (!launched.ok) {
      rmSync(files.configFile, { force: true })
      return launched
    }
    launched.child.on('exit', () => onEnd?.())
    return DONE
  }
}

/** Writes what a Kea is started with. Throws if the file system refuses. */
function prepare(files: SlotFiles, { config, leases }: SlotContent): void {
  makeFolders(files)
  // The folders may be those of a former Kea, of either family.
  for (const folder of [files.run, files.etc, files.log])
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
  if (leases !== undefined) writeAtomically(files.initialLeases, leases)
  writeAtomically(files.configFile, config)
}
