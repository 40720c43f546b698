import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerNumber } from '../core/dhcp/servers.ts'
import { readText, writeAtomically } from '../os/files.ts'
import { leaseFolderOf } from './process.ts'

/** What kea-lfc(8) leaves while and after it tidies up, from the oldest to the newest. */
const ENDINGS = ['.2', '.1', '.completed', '']

/** The lease files of a running Kea; none if there is no such process. */
export function liveLeaseFiles(pid: number): string[] {
  if (pid <= 1) return []
  return ENDINGS.flatMap(ending => {
    const file = readText(join(leaseFolderOf(pid), `kea-leases4.csv${ending}`))
    return file.ok ? [file.text] : []
  })
}

/** Leases kept where a reboot spares them: one file a server. */
export class LeaseStore {
  readonly #folder: string

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'leases')
  }

  /** Everything that was kept, of whichever server. */
  saved(): string[] {
    return this.#names().flatMap(name => {
      const file = readText(join(this.#folder, name))
      return file.ok ? [file.text] : []
    })
  }

  /** Keeps a server's leases. Returns why it could not. */
  save(server: ServerNumber, leases: string): string | undefined {
    try {
      writeAtomically(join(this.#folder, `kea-leases4-${server}.csv`), leases)
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
