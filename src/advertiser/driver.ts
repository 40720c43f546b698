import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { advertiserLink } from '../core/advertising/names.ts'
import type { ObservedAdvertiser } from '../core/advertising/observation.ts'
import { describeChange } from '../core/change.ts'
import { type ApplyContext, applyEach, type ChangeOf, type Driver, type Failures } from '../core/driver.ts'
import type { Links } from '../core/node/link.ts'
import type { StartFailure } from '../core/problem/startFailure.ts'
import { assertNever } from '../core/values/brand.ts'
import { memoOfLast } from '../core/values/memo.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { isSoon } from '../os/askAgain.ts'
import { errorText } from '../os/errorText.ts'
import { exists, readText, writeAtomically } from '../os/files.ts'
import { FileTexts } from '../os/fileTexts.ts'
import { run } from '../os/program.ts'
import { StartPatience } from '../os/startPatience.ts'
import { StartTrouble } from '../os/startTrouble.ts'
import { type SystemUser, userNamed } from '../os/unprivileged.ts'
import { revisionInForce } from './control.ts'
import { type AdvertiserPaths, advertiserPaths } from './paths.ts'
import { endAdvertiser, isAdvertiser, launchAdvertiser } from './process.ts'
import { PROGRAM } from './program.ts'
import { readTable, revisionIn } from './table.ts'

export interface AdvertiserOptions {
  /** The instance's name. */
  readonly name: string
  readonly runDir: string
  /** Told when one that came up in the background answers, or why it does not. */
  readonly onStarted?: ((done: { readonly awaited: boolean; readonly result: Result }) => void) | undefined
  /** Told when an advertiser that this process started has ended. */
  readonly onEnd?: () => void
}

type Start = Extract<ChangeOf<'advertiser'>, { kind: 'advertiser-start' }>

/** Whom it runs as: nobody's files are of use to it, and nobody else's process can do anything to one with a capability. */
const USER = 'nobody'

const START_TIMEOUT = { first: 10_000, longest: 60_000 }

/**
 * The process that answers guests' router solicitations. It outlives the agent. Its table is written before it starts and
 * removed after it was ended on purpose, so a table without a process is an advertiser that died.
 */
export class Advertiser implements Driver<'advertiser', ObservedAdvertiser> {
  readonly #options: AdvertiserOptions
  readonly #paths: AdvertiserPaths
  readonly #link: string
  readonly #readTable = memoOfLast(readTable)
  readonly #texts = new FileTexts()
  readonly #patience = new StartPatience(START_TIMEOUT)
  #starting: Promise<void> | undefined
  /** When it last answered, on the clock of `performance.now`. */
  #answeredAt: number | undefined
  readonly #trouble = new StartTrouble()

  constructor(options: AdvertiserOptions) {
    this.#options = options
    this.#paths = advertiserPaths(options.runDir)
    this.#link = advertiserLink(options.name)
  }

  async observe(): Promise<ObservedAdvertiser> {
    if (this.#starting) return { state: 'starting' }
    const pid = this.#find()
    if (pid === undefined) return { state: 'absent', wasThere: exists(this.#paths.table) }
    const [table, program] = [this.#texts.read(this.#paths.table), this.#texts.read(this.#paths.program)]
    const revision = await revisionInForce(this.#paths.socket)
    if (revision === undefined) return { state: 'silent', pid }
    const isInForce = table.ok && revisionIn(table.text) === revision
    return {
      state: 'answering',
      pid,
      isCurrent: program.ok && program.text === PROGRAM,
      ...(isInForce && { table: table.text }),
      advertisements: table.ok ? this.#readTable(table.text) : [],
    }
  }

  /** One that was to come up in the background did not, and none has since. */
  get failure(): StartFailure | undefined {
    return this.#trouble.failure
  }

  /** Waits until one that comes up in the background has, or has not. */
  async settled(): Promise<void> {
    await this.#starting
  }

  /** To be called every second: whether it is there and answered a few seconds ago or does so now, if there should be one. */
  async isWell(): Promise<boolean> {
    if (this.#starting !== undefined || !exists(this.#paths.table)) return true
    if (
      isSoon(this.#answeredAt, performance.now()) &&
      this.#find() !== undefined &&
      exists(this.#paths.socket)
    )
      return true
    const isAnswering = (await revisionInForce(this.#paths.socket)) !== undefined
    this.#answeredAt = isAnswering ? performance.now() : undefined
    return isAnswering
  }

  async apply(changes: readonly ChangeOf<'advertiser'>[], context: ApplyContext): Promise<Failures> {
    return await applyEach(changes, async change => {
      if (change.kind !== 'advertiser-start' || !change.inBackground) return await this.#try(change, context)
      this.#starting = this.#try(change, context).then(result => this.#started(change, result))
      return DONE
    })
  }

  #started(change: Start, result: Result): void {
    this.#starting = undefined
    if (result.ok) this.#trouble.clear()
    else this.#trouble.note(describeChange(change), result.reason)
    this.#options.onStarted?.({ awaited: true, result })
  }

  async #try(change: ChangeOf<'advertiser'>, context: ApplyContext): Promise<Result> {
    try {
      return await this.#carryOut(change, context)
    } catch (error) {
      return failed(errorText(error))
    }
  }

  async #carryOut(change: ChangeOf<'advertiser'>, { target, before }: ApplyContext): Promise<Result> {
    const { table = '' } = target.advertising ?? {}
    switch (change.kind) {
      case 'advertiser-start':
        return await this.#start(table, before.links)
      case 'advertiser-tell':
        this.#write(table, userNamed(USER)?.gid)
        return DONE
      case 'advertiser-stop':
        await this.remove()
        return DONE
      default:
        return assertNever(change)
    }
  }

  async #start(table: string, links: Links): Promise<Result> {
    const user = userNamed(USER)
    if (!user) return failed(`the node has no user ${USER}`)
    await this.#end()
    const cleared = await this.#removeLink(links)
    if (!cleared.ok) return cleared
    this.#prepare(user)
    this.#write(table, user.gid)
    const { name } = this.#options
    const timeout = this.#patience.of(undefined)
    const launched = await launchAdvertiser({ paths: this.#paths, user, link: this.#link, name, timeout })
    this.#patience.note(undefined, launched.ok)
    if (!launched.ok) return launched
    launched.child.once('exit', () => this.#options.onEnd?.())
    return DONE
  }

  /** Root's files, which it may read, and a folder of its own for its socket. Throws if the file system refuses. */
  #prepare({ uid, gid }: SystemUser): void {
    const { folder, run, program, socket } = this.#paths
    for (const [path, owner, mode] of [
      [folder, 0, 0o750],
      [run, uid, 0o700],
    ] as const) {
      mkdirSync(path, { recursive: true, mode })
      chownSync(path, owner, gid)
      chmodSync(path, mode)
    }
    rmSync(socket, { force: true })
    writeAtomically(program, PROGRAM, 0o640, gid)
  }

  #write(table: string, gid: number | undefined): void {
    writeAtomically(this.#paths.table, table, 0o640, gid)
  }

  /** What is left of a former one; of that, its process ends with the link. */
  async #removeLink(links: Links): Promise<Result> {
    const existing = links.get(this.#link)
    if (!existing) return DONE
    if (existing.alias !== this.#options.name)
      return failed(
        `the link ${this.#link} exists and is not guestnet's; rename it or run guestnet with another --name`,
      )
    const outcome = await run('ip', ['link', 'delete', this.#link])
    // It goes with the last process of its namespace.
    return outcome.ok || outcome.stderr.includes('Cannot find device') ? DONE : outcome
  }

  /** Ends it for good; its namespace and its link go with it. */
  async remove(): Promise<void> {
    await this.#end()
    rmSync(this.#paths.folder, { recursive: true, force: true })
  }

  async #end(): Promise<void> {
    const pid = this.#find()
    if (pid !== undefined) await endAdvertiser(pid, () => this.#find() === pid)
  }

  #find(): number | undefined {
    const file = readText(this.#paths.pid)
    const pid = file.ok ? Number.parseInt(file.text, 10) : 0
    const user = userNamed(USER)
    return pid > 1 && user && isAdvertiser(pid, this.#paths, user) ? pid : undefined
  }
}
