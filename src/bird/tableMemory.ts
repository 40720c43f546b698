import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readText, writeAtomically } from '../os/files.ts'

/**
 * Which of the kernel's tables guestnet's BIRD works on, kept beside its folder and not in it: with the folder lost, what BIRD left
 * in the table would else be somebody else's for ever.
 */
export class TableMemory {
  readonly #path: string

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'uplink-table')
  }

  read(): number | undefined {
    const file = readText(this.#path)
    const table = file.ok ? Number(file.text) : 0
    return Number.isInteger(table) && table > 0 ? table : undefined
  }

  /** `undefined`: BIRD has ended for good, and nothing of it is left. A state directory that is full costs the memory alone. */
  write(table: number | undefined): void {
    if (table === this.read()) return
    try {
      if (table === undefined) rmSync(this.#path, { force: true })
      else writeAtomically(this.#path, `${table}\n`)
    } catch {
      // Told as `state-unwritable` where leases cannot be kept either.
    }
  }
}
