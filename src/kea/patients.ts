import { slotNames } from '../core/dhcp/slot.ts'
import type { Family } from '../core/values/family.ts'
import { filesInSlot, type SlotFiles } from './directories.ts'
import { KeaHealth, type Patient } from './health.ts'
import { PROBE } from './probeFrame.ts'
import { PROBE_ADDRESS6 } from './probeFrame6.ts'
import { pidIn } from './process.ts'

/** What is leased to whoever looks whether a Kea is well. */
export const PROBE_ADDRESS = { ipv4: PROBE.address, ipv6: PROBE_ADDRESS6 } as const satisfies Record<
  Family,
  string
>

export interface PatientsOptions {
  /** The instance's name. */
  readonly name: string
  readonly runDir: string
  /** Whether they are asked for leases as well. */
  readonly probes: boolean
}

/** The Keas of one instance, as far as it matters whether they are well. */
export class Patients {
  readonly #options: PatientsOptions
  readonly #health = new KeaHealth()
  /** By slot, as they were last looked at. */
  readonly #known = new Map<number, { readonly patient: Patient; readonly config: string }>()

  constructor(options: PatientsOptions) {
    this.#options = options
  }

  /** Whether the Kea of a slot, which runs by this configuration, answers or did so just now. */
  async isWell(slot: number, pid: number, files: SlotFiles, config: string): Promise<boolean> {
    return await this.#health.answers(this.#know(slot, pid, files, config))
  }

  /** To be called every second: whether the Keas of these slots are all there, and answer. */
  async areWell(slots: readonly number[]): Promise<boolean> {
    const answers = await Promise.all(slots.map(slot => this.#isWellStill(slot)))
    return answers.every(Boolean)
  }

  /** Who answers in a slot is there. Whose process that is was looked at by the last run of the line; where nobody answers, it is now. */
  async #isWellStill(slot: number): Promise<boolean> {
    const known = this.#known.get(slot)
    if (known && (await this.#health.isWell(known.patient))) return true
    const files = filesInSlot(this.#options.runDir, slot)
    const pid = files && pidIn(files)
    if (!files || pid === undefined || pid === known?.patient.pid) return false
    return await this.#health.isWell(this.#know(slot, pid, files, known?.config ?? ''))
  }

  /** Only who watches health asks for leases, and only of a Kea that knows who asks: one of a former version does not. */
  #know(slot: number, pid: number, { socket, daemon: { family } }: SlotFiles, config: string): Patient {
    const { name, probes } = this.#options
    const isAsked = probes && config.includes(PROBE_ADDRESS[family])
    const patient = { pid, socket, ...(isAsked && { asked: { link: slotNames(name, slot).link, family } }) }
    this.#known.set(slot, { patient, config })
    return patient
  }
}
