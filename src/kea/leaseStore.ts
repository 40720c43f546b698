import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { familyOfServer, numberOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import type { Family } from '../core/values/family.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
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

  /** Keeps a server's leases. */
  save(server: ServerId, leases: string): Result {
    if (this.#kept.get(server) === leases) return DONE
    try {
      writeAtomically(
        join(this.#folder, `${nameOf(familyOfServer(server), numberOfServer(server))}.csv`),
        leases,
      )
      this.#kept.set(server, leases)
      return DONE
    } catch (error) {
      return failed(errorText(error))
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
