import type { Family } from '../core/values/family.ts'
import { ASK_EVERY_MS, isSoon } from '../os/askAgain.ts'
import { exists } from '../os/files.ts'
import { isRunning } from '../os/isRunning.ts'
import { isAnswering } from './control.ts'
import { Prober } from './probe.ts'

/** Milliseconds a Kea has to answer before it counts as silent. */
export const PATIENCE = 1000

/** Milliseconds for which an answer counts in a run of the line: who watches its health asks more often. */
const RECENTLY = ASK_EVERY_MS + 2500

/** Milliseconds between two leases that a Kea is asked for: all at the same times, as one program asks them. */
const PROBE_EVERY = 30_000

/**
 * As many Keas in a row are given up for giving no lease. Where it is not Kea that fails, but the asking, another one does
 * not help.
 */
const GIVEN_UP = 2

/** A Kea to be asked. */
export interface Patient {
  readonly pid: number
  readonly socket: string
  /** The node's end of its link, and what to ask for there; absent: it is only asked at its socket. */
  readonly asked?: { readonly link: string; readonly family: Family } | undefined
}

/**
 * Which Keas are well: they answer at their socket, and now and then give a lease as to a guest. One that answered a moment
 * ago need not be asked again.
 */
export class KeaHealth {
  readonly #probe: Prober['probe']
  readonly #clock: () => number
  /** When a process last answered, on the clock of `performance.now`. */
  readonly #answered = new Map<number, number>()
  /** The same, for a lease; and those that gave none. */
  readonly #leased = new Map<number, number>()
  readonly #failed = new Set<number>()

  /** `clock`: in milliseconds. */
  constructor(probing = new Prober().probe, clock = () => performance.now()) {
    this.#probe = probing
    this.#clock = clock
  }

  /** To be called every second: whether a Kea is there, and answered a few seconds ago or does so now. */
  async isWell(patient: Patient): Promise<boolean> {
    const { pid, socket } = patient
    const isKnown = isSoon(this.#answered.get(pid), this.#clock())
    return (isKnown && isRunning(pid) && exists(socket)) || (await this.answersNow(patient))
  }

  /** Whether the Kea with this process id answers, or did so just now. */
  async answers(patient: Patient): Promise<boolean> {
    const answered = this.#answered.get(patient.pid)
    if (answered !== undefined && this.#clock() - answered < RECENTLY) return true
    return await this.answersNow(patient)
  }

  /** The same, whatever it did just now. */
  async answersNow({ pid, socket, asked }: Patient): Promise<boolean> {
    const isThere = await isAnswering(socket, PATIENCE)
    const isWell = isThere && (asked === undefined || (await this.#leases(pid, asked)))
    this.#forgetOld()
    if (isWell) this.#answered.set(pid, this.#clock())
    else this.#answered.delete(pid)
    return isWell
  }

  /** Whether a Kea gives leases, or did so not long ago. It is asked twice: one message may be lost. */
  async #leases(pid: number, { link, family }: NonNullable<Patient['asked']>): Promise<boolean> {
    if (isSoon(this.#leased.get(pid), this.#clock(), PROBE_EVERY)) return true
    const isSilent =
      (await this.#probe(link, family)) === 'silent' && (await this.#probe(link, family)) === 'silent'
    if (isSilent) this.#failed.add(pid)
    else this.#failed.clear()
    if (isSilent && this.#failed.size <= GIVEN_UP) {
      this.#leased.delete(pid)
      return false
    }
    this.#leased.set(pid, this.#clock())
    return true
  }

  /** Keas come and go for as long as the agent runs. */
  #forgetOld(): void {
    for (const [pid, answered] of this.#answered)
      if (this.#clock() - answered >= RECENTLY) this.#answered.delete(pid)
    for (const [pid, leased] of this.#leased)
      if (this.#clock() - leased >= 2 * PROBE_EVERY) this.#leased.delete(pid)
  }
}
