import { rmSync } from 'node:fs'
import type { ObservedPeer } from '../core/announcing/observation.ts'
import type { BirdFiles } from '../core/announcing/target.ts'
import type { Prefix } from '../core/values/address.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { FileTexts } from '../os/fileTexts.ts'
import { run } from '../os/program.ts'
import { StartPatience } from '../os/startPatience.ts'
import {
  type BirdAnswers,
  configure,
  exportedTo,
  lookInside,
  lookPatiently,
  revisionInForce,
} from './control.ts'
import { readFiles, restoreFiles, writeFiles } from './filesOnDisk.ts'
import { type BirdPaths, birdPaths } from './paths.ts'
import { endBird, findBird, killBird, launchBird, unprivileged } from './process.ts'
import { readBack } from './readBack.ts'
import { revisionOf } from './revision.ts'
import type { BirdTables } from './tableMemory.ts'
import { isWaiting } from './waiting.ts'

/** 10,000 routes take it 50 ms. */
const START_TIMEOUT = { first: 10_000, longest: 60_000 }

export interface BirdDaemonOptions {
  readonly runDir: string
  /** The command that is BIRD; default `bird`. */
  readonly program?: readonly string[]
  /** The name of its unit, where systemd manages the node; without one it is never in a unit. */
  readonly unit?: string
  /** Told when a BIRD that this process started has ended. */
  readonly onEnd?: () => void
}

/** A BIRD of guestnet's, or its absence. */
export type Bird =
  | { readonly state: 'absent' }
  /** It is there, but its control socket does not answer. */
  | { readonly state: 'silent'; readonly pid: number }
  | RunningBird

export interface RunningBird extends BirdAnswers {
  readonly state: 'running'
  readonly pid: number
  /** What it has in force. Absent: not what its files say, as after a crash between writing them and telling BIRD. */
  readonly files?: BirdFiles
}

/**
 * The one BIRD of an instance. It outlives the agent, and goes on while the agent is replaced.
 *
 * Its configuration is written before it starts and removed after it was ended for good. So a file without a process is
 * a BIRD that died, whose peers still hold its routes: the next one starts by taking them over (RFC 4724).
 *
 * BIRD tells by itself which files it has in force, by a constant that is one of them. Nothing has to be remembered.
 */
export class BirdDaemon {
  readonly paths: BirdPaths
  readonly #program: readonly string[]
  readonly #network: 'own' | 'any'
  readonly #unit: string | undefined
  readonly #onEnd: () => void
  readonly #texts = new FileTexts()
  readonly #patience = new StartPatience(START_TIMEOUT)

  constructor({ runDir, program = ['bird'], unit, onEnd = () => undefined }: BirdDaemonOptions) {
    this.paths = birdPaths(runDir)
    this.#program = program
    // A command before the program itself is one that enters a namespace.
    this.#network = program.length > 1 ? 'any' : 'own'
    this.#unit = unit
    this.#onEnd = onEnd
  }

  async observe(): Promise<Bird> {
    const pid = this.#find()
    if (pid === undefined) return { state: 'absent' }
    try {
      const answers = await lookPatiently(this.paths.socket, () => isWaiting(pid))
      const files = readFiles(this.paths, this.#texts)
      const isInForce = files !== undefined && revisionOf(files) === answers.revision
      return {
        state: 'running',
        pid,
        ...answers,
        ...(isInForce && { files }),
      }
    } catch {
      return { state: 'silent', pid }
    }
  }

  /** The kernel's routing tables it keeps routes in; none where it has no configuration. */
  tables(): BirdTables {
    const { table: uplink, guestsTable: guests } =
      readBack(readFiles(this.paths, this.#texts)?.config ?? '') ?? {}
    return { ...(uplink !== undefined && { uplink }), ...(guests !== undefined && { guests }) }
  }

  /** The sessions with its peers; none where there should be no BIRD, `undefined` where it does not answer. */
  async sessions(): Promise<readonly ObservedPeer[] | undefined> {
    if (readFiles(this.paths, this.#texts) === undefined) return []
    try {
      return (await lookInside(this.paths.socket)).peers
    } catch {
      return undefined
    }
  }

  /** Starts BIRD. Where it cannot, the files are as they were. */
  async start(files: BirdFiles): Promise<Result> {
    if (this.#find() !== undefined) return failed('it is already running')
    const former = readFiles(this.paths, this.#texts)
    const checked = await this.#tryWith(files, former, () => this.#check())
    if (!checked.ok) return checked
    const launched = await launchBird({
      program: this.#program,
      paths: this.paths,
      recover: former !== undefined,
      unit: this.#unit,
      timeout: this.#patience.of(undefined),
    })
    this.#patience.note(undefined, launched.ok)
    if (!launched.ok) return launched
    launched.child.once('exit', () => this.#onEnd())
    return DONE
  }

  /**
   * Makes the running BIRD go by these files; where only guests came or went, that takes a few milliseconds. When
   * BIRD refuses them, it goes on with the former, and these are also the ones on disk.
   */
  async configure(files: BirdFiles): Promise<Result> {
    const former = readFiles(this.paths, this.#texts)
    return await this.#tryWith(files, former, async () => {
      const inForce = await revisionInForce(this.paths.socket)
      const isFormer = former !== undefined && inForce === revisionOf(former)
      const how = isFormer && files.config === former.config ? 'soft' : 'whole'
      return await configure(this.paths.socket, how)
    })
  }

  /** The networks BIRD exports in a session. Throws when it does not answer. */
  exportedTo(protocol: string): Promise<Set<Prefix>> {
    return exportedTo(this.paths.socket, protocol)
  }

  /** Ends a BIRD that does not answer. Its peers keep its routes until the next one starts, or half a minute at most. */
  async kill(): Promise<void> {
    await killBird(this.paths, this.#network)
  }

  /** Ends BIRD for good: everything announced is withdrawn. What it put into the kernel stays there. */
  async stop(): Promise<void> {
    await endBird(this.paths, this.#network)
    rmSync(this.paths.config, { force: true })
  }

  /** Ends BIRD for good and removes its files. Returns whether there was one. */
  async remove(): Promise<boolean> {
    const wasThere = this.#find() !== undefined
    await this.stop()
    rmSync(this.paths.folder, { recursive: true, force: true })
    return wasThere
  }

  #find(): number | undefined {
    return findBird(this.paths, this.#network)
  }

  async #tryWith(
    files: BirdFiles,
    former: BirdFiles | undefined,
    attempt: () => Promise<Result>,
  ): Promise<Result> {
    try {
      writeFiles(this.paths, files)
    } catch (error) {
      return failed(`its files cannot be written: ${errorText(error)}`)
    }
    try {
      const result = await attempt()
      if (!result.ok) restoreFiles(this.paths, former)
      return result
    } catch (error) {
      return failed(errorText(error))
    }
  }

  async #check(): Promise<Result> {
    const runnable = unprivileged(this.#program)
    if (!runnable.ok) return runnable
    const [file = 'bird', ...before] = runnable.command
    const checked = await run(file, [...before, '-p', '-c', this.paths.config])
    return checked.ok ? DONE : failed(checked.stderr.trim().split('\n').at(-1) || checked.reason)
  }
}
