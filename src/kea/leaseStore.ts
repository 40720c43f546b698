import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { familyOfServer, numberOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import type { Family } from '../core/values/family.ts'
import { readText, writeAtomically } from '../os/files.ts'
import { KEA } from './daemons.ts'

/** `kea-leases4-1` */
function nameOf(family: Family, number: number | ''): string {
  return `${KEA[family].leasesName.replace(/\.csv$/, '')}-${number}`
}

/** Leases kept where a reboot spares them: one file a server. */
export class LeaseStore {
  readonly #folder: string
  readonly #kept = new Map<ServerId, string>()

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'leases')
  }

  /** Everything that was kept of a family, of whichever server. */
  saved(family: Family): string[] {
    const beginning = nameOf(family, '')
    const names = this.#names().filter(name => name.startsWith(beginning))
    return names.flatMap(name => {
      const file = readText(join(this.#folder, name))
      return file.ok ? [file.text] : []
    })
  }

  /** Keeps a server's leases. Returns why it could not. */
  save(server: ServerId, leases: string): string | undefined {
    if (this.#kept.get(server) === leases) return undefined
    try {
      writeAtomically(
        join(this.#folder, `${nameOf(familyOfServer(server), numberOfServer(server))}.csv`),
        leases,
      )
      this.#kept.set(server, leases)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter(name => name.endsWith('.csv'))
    } catch {
      // The folder appears with the first lease.
      return []
    }
  }
}
