import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { applyEach, type ChangeOf, type Driver, type Failures } from '../core/driver.ts'
import type { FoundRecord, HolderRecord, HolderRecords } from '../core/ruling/record.ts'
import type { Release } from '../core/ruling/release.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { exists, readText, statOf, writeAtomically } from '../os/files.ts'

/** Below the cluster's configuration; replicated to every node. */
const FOLDER = join('guestnet', 'holders')

const Record = z.object({
  version: z.literal(1),
  vmid: z.number().int().positive(),
  nic: z.number().int().nonnegative(),
  node: z.string(),
  since: z.number(),
  released: z.exactOptional(z.boolean()),
})

/** Where records are. */
export function holdersFolder(pveRoot: string): string {
  return join(pveRoot, FOLDER)
}

/**
 * The records of who holds what several guests want, one file each, in the cluster's own file system: pmxcfs orders what all
 * nodes write, so of several that create the same file at the same time exactly one succeeds (O_EXCL, open(2)).
 */
export class Holders implements Driver<'holders', HolderRecords> {
  readonly #folder: string
  readonly #now: () => number
  /** What each record said when it was last read. */
  #texts = new Map<string, string>()
  /** What was read of records that were not whole, and when that was first seen. */
  readonly #unfinished = new Map<string, { text: string; since: number }>()

  /** `now`: a clock in milliseconds that nobody sets: a file's own time is by the clock of the node that wrote it. */
  constructor(pveRoot: string, now: () => number = () => performance.now()) {
    this.#folder = holdersFolder(pveRoot)
    this.#now = now
  }

  async observe(): Promise<HolderRecords> {
    const names = list(this.#folder)
    this.#texts = new Map()
    for (const name of this.#unfinished.keys()) if (!names.includes(name)) this.#unfinished.delete(name)
    return new Map(
      names.flatMap(name => {
        const place = placeOfName(name)
        const record = place === undefined ? undefined : this.#read(name)
        return place !== undefined && record ? [[place, record] as const] : []
      }),
    )
  }

  #read(name: string): FoundRecord | undefined {
    const file = readText(join(this.#folder, name))
    if (!file.ok) return undefined
    this.#texts.set(name, file.text)
    const record = recordIn(file.text)
    if (record) {
      this.#unfinished.delete(name)
      return record
    }
    const known = this.#unfinished.get(name)
    if (known?.text === file.text) return this.#now() - known.since < WRITING_MS ? 'being written' : 'broken'
    this.#unfinished.set(name, { text: file.text, since: this.#now() })
    return 'being written'
  }

  async apply(changes: readonly ChangeOf<'holders'>[]): Promise<Failures> {
    return await applyEach(changes, change => this.#applyOne(change))
  }

  #applyOne(change: ChangeOf<'holders'>): Result {
    const path = join(this.#folder, nameOf(change.place))
    try {
      if (change.kind === 'holder-forget') this.#forget(path)
      else this.#record(path, change)
      return DONE
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // The next look reads what it wrote.
      if (code === 'EEXIST' || code === 'ENOENT') return failed('another node was first')
      const reason = errorText(error)
      return failed(
        code === 'EACCES' || code === 'EROFS'
          ? `the cluster has no quorum, or cannot be written: ${reason}`
          : reason,
      )
    }
  }

  #record(path: string, { record, replaces }: Extract<ChangeOf<'holders'>, { kind: 'holder-record' }>): void {
    mkdirSync(this.#folder, { recursive: true })
    if (replaces && !this.#takeAway(path, `${path}.former.${record.node}.${process.pid}`))
      throw Object.assign(new Error('it is another record by now'), { code: 'EEXIST' })
    const file = openSync(path, 'wx', 0o640)
    try {
      writeSync(file, render(record))
    } finally {
      closeSync(file)
    }
  }

  /** Removes a record, unless it is another one by now. */
  #forget(path: string): void {
    const file = readText(path)
    if (file.ok && file.text === this.#texts.get(basename(path))) rmSync(path, { force: true })
  }

  /**
   * Takes away a record that no longer counts. Of several that try one succeeds; and what one that comes late has taken away is the
   * new record of the first: that is put back. Returns whether it was the one that was read.
   */
  #takeAway(path: string, aside: string): boolean {
    renameSync(path, aside)
    const taken = readText(aside)
    const isFormer = taken.ok && taken.text === this.#texts.get(basename(path))
    if (isFormer || exists(path)) rmSync(aside, { force: true })
    else renameSync(aside, path)
    return isFormer
  }
}

/** What changes whenever a record does: cheap enough for every second. */
export function holdersMark(pveRoot: string): string {
  const folder = holdersFolder(pveRoot)
  return list(folder)
    .map(name => {
      const stat = statOf(join(folder, name))
      return `${name} ${stat?.mtimeMs} ${stat?.size}`
    })
    .join('\n')
}

/** Milliseconds after which a record that stays as it is without being whole is taken for what a crash left. */
const WRITING_MS = 5000

function recordIn(text: string): HolderRecord | undefined {
  try {
    const { version: _, ...record } = Record.parse(JSON.parse(text))
    return record
  } catch {
    return undefined
  }
}

/** Writes that places were let go of. Throws where the cluster cannot be written. */
export function writeReleases(pveRoot: string, releases: readonly Release[]): void {
  const folder = holdersFolder(pveRoot)
  for (const { place, record } of releases) writeAtomically(join(folder, nameOf(place)), render(record))
}

function render(record: HolderRecord): string {
  return `${JSON.stringify({ version: 1, ...record })}\n`
}

function nameOf(place: string): string {
  return encodeURIComponent(place)
}

function placeOfName(name: string): string | undefined {
  if (/\.(?:former|tmp)\./.test(name)) return undefined
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // It appears with the first record.
    return []
  }
}
