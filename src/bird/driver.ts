import { BIRD_PROTOCOL } from '../core/announcing/birdSettings.ts'
import type { ObservedBird } from '../core/announcing/observation.ts'
import type { BirdFiles } from '../core/announcing/target.ts'
import type { ApplyContext, ChangeOf, Driver, Failures } from '../core/driver.ts'
import { failed, type Result, together } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { exists } from '../os/files.ts'
import type { Bird, BirdDaemon } from './daemon.ts'
import { announcementsOf } from './files.ts'
import { readBack } from './readBack.ts'
import type { BirdTables, TableMemory } from './tableMemory.ts'

export interface BirdDriverOptions {
  readonly daemon: BirdDaemon
  /** Of the tables it works on. */
  readonly memory: TableMemory
  /** Removes the routes of a protocol from a table of the kernel's. */
  readonly flush: (table: number, protocol: number) => Promise<Result>
}

/** guestnet's own BIRD. Everything it is told goes to it in one piece, so it succeeds or fails as one. */
export class BirdDriver implements Driver<'bird', ObservedBird> {
  readonly #daemon: BirdDaemon
  readonly #memory: TableMemory
  readonly #flush: BirdDriverOptions['flush']

  constructor({ daemon, memory, flush }: BirdDriverOptions) {
    this.#daemon = daemon
    this.#memory = memory
    this.#flush = flush
  }

  async observe(): Promise<ObservedBird> {
    const wasThere = exists(this.#daemon.paths.config) || this.#memory.knowsAny()
    return describe(await this.#daemon.observe(), wasThere)
  }

  async apply(changes: readonly ChangeOf<'bird'>[], { target }: ApplyContext): Promise<Failures> {
    if (changes.length === 0) return new Map()
    const result = await this.#attempt(changes, target.announcing?.bird?.files())
    return result.ok ? new Map() : new Map(changes.map(change => [change, result.reason]))
  }

  async #attempt(changes: readonly ChangeOf<'bird'>[], files: BirdFiles | undefined): Promise<Result> {
    const start = changes.find(change => change.kind === 'bird-start')
    try {
      if (!files) return await this.end()
      if (start?.former !== undefined) await this.#daemon.kill()
      return await this.#goBy(files, start ? 'start' : 'configure')
    } catch (error) {
      return failed(errorText(error))
    }
  }

  /**
   * Makes BIRD go by these files, started anew or as it runs. A table that it worked on before is left empty: BIRD goes away
   * from its routes there without removing them.
   */
  async #goBy(files: BirdFiles, how: 'start' | 'configure'): Promise<Result> {
    const former = this.#tables()
    const result = await this.#daemon[how](files)
    if (!result.ok) return result
    const now = this.#daemon.tables()
    this.#memory.write(now)
    return await this.#flushAll(numbersOf(former).filter(table => !numbersOf(now).includes(table)))
  }

  /** Those it works on, or worked on before its folder was lost. */
  #tables(): BirdTables {
    return { ...this.#memory.read(), ...this.#daemon.tables() }
  }

  /**
   * Ends BIRD for good, and removes what it put into the kernel: it leaves default routes there, for the next one to take over,
   * and all of them where it was killed; to the next start they would be somebody else's.
   */
  async end(): Promise<Result> {
    const tables = numbersOf(this.#tables())
    await this.#daemon.stop()
    const result = await this.#flushAll(tables)
    if (result.ok) this.#memory.write({})
    return result
  }

  async #flushAll(tables: readonly number[]): Promise<Result> {
    const results: Result[] = []
    for (const table of tables) results.push(await this.#flush(table, BIRD_PROTOCOL))
    return together(results)
  }
}

function numbersOf({ uplink, guests }: BirdTables): number[] {
  return [uplink, guests].flatMap(table => table ?? [])
}

function describe(bird: Bird, wasThere: boolean): ObservedBird {
  switch (bird.state) {
    case 'absent':
      return { state: 'absent', wasThere }
    case 'silent':
      return bird
    case 'running': {
      const { state, pid, routerId, peers, files } = bird
      return { state, pid, routerId, peers, ...(files && { files: inForce(files) }) }
    }
  }
}

function inForce(files: BirdFiles) {
  const { localPort, ownEnds = {} } = readBack(files.config) ?? {}
  const announcements = announcementsOf(files)
  return { config: files.config, announcements, ownEnds, ...(localPort !== undefined && { localPort }) }
}
