import { appendFileSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { readText, statOf } from '../os/files.ts'
import { EventSchema, type TimelineEvent } from './event.ts'

/** Bytes; then a new file is begun and the former one kept beside it. */
const LONGEST = 1_048_576

/** The timeline where a restart of the agent spares it: one event a line. A full disk costs the events, nothing else. */
export class TimelineFile {
  readonly #folder: string
  readonly #path: string
  readonly #waiting: string[] = []

  constructor(stateDir: string) {
    this.#folder = stateDir
    this.#path = join(stateDir, 'timeline.ndjson')
  }

  /** The newest events, oldest first. */
  read(most = 1000): TimelineEvent[] {
    const lines = [`${this.#path}.1`, this.#path].flatMap(path => {
      const file = readText(path)
      return file.ok ? file.text.split('\n') : []
    })
    return lines.slice(-most - 1).flatMap(parseLine)
  }

  /** Events that come in one go, as those of a thousand ports, are written in one go, before anything else is done. */
  append(event: TimelineEvent): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.#write())
    this.#waiting.push(`${JSON.stringify(event)}\n`)
  }

  #write(): void {
    const lines = this.#waiting.splice(0)
    try {
      if ((statOf(this.#path)?.size ?? 0) > LONGEST) renameSync(this.#path, `${this.#path}.1`)
      mkdirSync(this.#folder, { recursive: true })
      appendFileSync(this.#path, lines.join(''), { mode: 0o640 })
    } catch {
      // Told on standard output all the same.
    }
  }
}

function parseLine(line: string): TimelineEvent[] {
  try {
    const event = EventSchema.safeParse(JSON.parse(line))
    return event.success ? [event.data] : []
  } catch {
    // A crash can leave half a line.
    return []
  }
}
