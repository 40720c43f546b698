import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readText, writeAtomically } from '../os/files.ts'

/** The kernel's tables that a BIRD keeps routes in. */
export interface BirdTables {
  /** Of the guests' way out. */
  readonly uplink?: number
  /** Of the ways to guests. */
  readonly guests?: number
}

/**
 * Which of the kernel's tables guestnet's BIRD works on, kept beside its folder and not in it: with the folder lost, what BIRD left
 * in them would else be somebody else's for ever.
 */
export class TableMemory {
  readonly #folder: string

  constructor(stateDir: string) {
    this.#folder = stateDir
  }

  read(): BirdTables {
    const [uplink, guests] = [this.#readOne('uplink'), this.#readOne('guests')]
    return { ...(uplink !== undefined && { uplink }), ...(guests !== undefined && { guests }) }
  }

  knowsAny(): boolean {
    return Object.keys(this.read()).length > 0
  }

  /** None at all: BIRD has ended for good, and nothing of it is left. A state directory that is full costs the memory alone. */
  write(tables: BirdTables): void {
    for (const name of ['uplink', 'guests'] as const) {
      if (tables[name] === this.#readOne(name)) continue
      try {
        if (tables[name] === undefined) rmSync(this.#path(name), { force: true })
        else writeAtomically(this.#path(name), `${tables[name]}\n`)
      } catch {
        // Told as `state-unwritable` where leases cannot be kept either.
      }
    }
  }

  #path(name: keyof BirdTables): string {
    return join(this.#folder, `${name}-table`)
  }

  #readOne(name: keyof BirdTables): number | undefined {
    const file = readText(this.#path(name))
    const table = file.ok ? Number(file.text) : 0
    return Number.isInteger(table) && table > 0 ? table : undefined
  }
}
