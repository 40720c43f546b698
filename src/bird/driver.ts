import { BIRD_PROTOCOL } from '../core/announcing/birdSettings.ts'
import type { ObservedBird } from '../core/announcing/observation.ts'
import type { BirdFiles } from '../core/announcing/target.ts'
import type { ApplyContext, ChangeOf, Driver, Failures } from '../core/driver.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { exists } from '../os/files.ts'
import type { Bird, BirdDaemon } from './daemon.ts'
import { announcementsOf } from './files.ts'
import { readBack } from './readBack.ts'
import type { TableMemory } from './tableMemory.ts'

export interface BirdDriverOptions {
  readonly daemon: BirdDaemon
  /** Of the table it works on. */
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
    const wasThere = exists(this.#daemon.paths.config) || this.#memory.read() !== undefined
    return describe(await this.#daemon.observe(), wasThere)
  }

  async apply(changes: readonly ChangeOf<'bird'>[], { target }: ApplyContext): Promise<Failures> {
    if (changes.length === 0) return new Map()
    const result = await this.#attempt(changes, target.announcing?.bird?.files)
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
    const former = this.#table()
    const result = await this.#daemon[how](files)
    if (!result.ok) return result
    const now = this.#daemon.table()
    this.#memory.write(now)
    return former === undefined || former === now ? DONE : await this.#flush(former, BIRD_PROTOCOL)
  }

  /** The one it works on, or worked on before its folder was lost. */
  #table(): number | undefined {
    return this.#daemon.table() ?? this.#memory.read()
  }

  /**
   * Ends BIRD for good, and removes what it put into the table of the guests' way out: it leaves that there, for the next one
   * to take over, and to the next start it would be somebody else's.
   */
  async end(): Promise<Result> {
    const table = this.#table()
    await this.#daemon.stop()
    const result = table === undefined ? DONE : await this.#flush(table, BIRD_PROTOCOL)
    if (result.ok) this.#memory.write(undefined)
    return result
  }
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
