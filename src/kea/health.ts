import { isAnswering } from './control.ts'

/** Milliseconds a Kea has to answer before it counts as silent. */
export const PATIENCE = 1000

/** Milliseconds for which an answer counts. */
const RECENTLY = 2500

/** Which Keas are well. One that answered a moment ago need not be asked again: who watches its health asks every second. */
export class KeaHealth {
  /** When a process last answered, on the clock of `performance.now`. */
  readonly #answered = new Map<number, number>()

  /** Whether the Kea with this process id answers at its socket, or did so just now. */
  async answers(pid: number, socket: string): Promise<boolean> {
    const answered = this.#answered.get(pid)
    if (answered !== undefined && performance.now() - answered < RECENTLY) return true
    return await this.answersNow(pid, socket)
  }

  /** The same, whatever it did just now. */
  async answersNow(pid: number, socket: string): Promise<boolean> {
    const isWell = await isAnswering(socket, PATIENCE)
    this.#forgetOld()
    if (isWell) this.#answered.set(pid, performance.now())
    else this.#answered.delete(pid)
    return isWell
  }

  /** Keas come and go for as long as the agent runs. */
  #forgetOld(): void {
    for (const [pid, answered] of this.#answered)
      if (performance.now() - answered >= RECENTLY) this.#answered.delete(pid)
  }
}
