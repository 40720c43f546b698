import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseVmid, type Vmid } from '../../core/guest/names.ts'
import type { Problem } from '../../core/problem/problem.ts'
import { errorText } from '../../os/errorText.ts'
import { type FileText, readText } from '../../os/files.ts'
import { HalfWritten } from '../../os/halfWritten.ts'
import { stampOf } from '../../pve/tree/configFiles.ts'
import { type FastAnnouncerFile, parseFastAnnouncer } from './file.ts'

/** Where fast-announcer itself looks. */
export const USUAL_FOLDER = '/var/lib/infra/network'

/** What a folder of fast-announcer's files says. */
export interface FastAnnouncerReading {
  readonly files: ReadonlyMap<Vmid, FastAnnouncerFile>
  /** Guests whose file cannot be read, and never could. */
  readonly unreadable: ReadonlySet<Vmid>
  /** False: there may be more files than these. */
  readonly complete: boolean
  readonly problems: readonly Problem[]
}

export const NO_FILES: FastAnnouncerReading = {
  files: new Map(),
  unreadable: new Set(),
  complete: true,
  problems: [],
}

interface Remembered extends FileText {
  readonly file: FastAnnouncerFile
}

/** Reads folders of fast-announcer's files. A file that cannot be read, or has a mistake, counts as it last was. */
export class FastAnnouncerFolder {
  #folder = ''
  #last = new Map<Vmid, Remembered>()
  readonly #halfWritten = new HalfWritten()

  read(folder: string | undefined): FastAnnouncerReading {
    if (folder !== this.#folder) this.#last = new Map()
    this.#folder = folder ?? ''
    if (folder === undefined) return NO_FILES
    const listed = list(folder)
    if (typeof listed === 'string')
      return { ...this.#outcome([], new Set()), ...unreadableFolder(folder, listed) }
    const problems: Problem[] = []
    const unreadable = new Set<Vmid>()
    const now = new Map<Vmid, Remembered>()
    for (const vmid of listed) {
      const known = this.#readFile(join(folder, `${vmid}.json`), vmid, problems)
      if (known) now.set(vmid, known)
      else unreadable.add(vmid)
    }
    this.#last = now
    return this.#outcome(problems, unreadable)
  }

  /** What was read last, for a folder that may not answer now. */
  last(): FastAnnouncerReading {
    return { ...this.#outcome([], new Set()), complete: false }
  }

  #readFile(path: string, vmid: Vmid, problems: Problem[]): Remembered | undefined {
    const last = this.#last.get(vmid)
    const read = readText(path)
    if (!read.ok) {
      problems.push({ code: 'fast-announcer-invalid', message: `${read.reason}.`, file: path, vmid })
      return last
    }
    if (last && (this.#halfWritten.is(path, read, last) || last.text === read.text)) return last
    const parsed = parseFastAnnouncer(read.text, path, vmid)
    if (parsed.ok) return { text: read.text, inode: read.inode, file: parsed.value }
    // One by one: a call cannot have any number of arguments.
    for (const problem of parsed.problems) problems.push(problem)
    return last
  }

  #outcome(problems: readonly Problem[], unreadable: ReadonlySet<Vmid>): FastAnnouncerReading {
    const files = new Map([...this.#last].map(([vmid, { file }]) => [vmid, file]))
    return { files, unreadable, complete: true, problems }
  }
}

/** What changes whenever a file of the folder may have. */
export function folderMark(folder: string): string {
  const listed = list(folder)
  return typeof listed === 'string'
    ? listed
    : listed.map(vmid => `${vmid} ${stampOf(join(folder, `${vmid}.json`))}`).join('\n')
}

/** The guests that have a file, or why they cannot be listed. */
function list(folder: string): Vmid[] | string {
  try {
    const names = readdirSync(folder).filter(name => name.endsWith('.json'))
    return names.flatMap(name => parseVmid(name.slice(0, -'.json'.length)) ?? []).toSorted((a, b) => a - b)
  } catch (error) {
    return errorText(error)
  }
}

function unreadableFolder(
  folder: string,
  reason: string,
): Pick<FastAnnouncerReading, 'complete' | 'problems'> {
  const problem: Problem = {
    code: 'fast-announcer-invalid',
    message: `The folder of fast-announcer’s files cannot be read (${reason}); what is announced stays as it is.`,
    remedy: 'Correct its path.',
    file: folder,
  }
  return { complete: false, problems: [problem] }
}
