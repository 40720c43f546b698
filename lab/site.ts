import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Belongings, type Owner } from './belongings.ts'
import { LabProcess } from './process.ts'
import { Wire } from './wire.ts'

/** Something that can tell what it looks like, as text for a failing test. */
interface Place {
  dump(): Promise<string>
}

let sitesOfThisProcess = 0

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies NodeJS.Signals[]

/**
 * What a lab is built on, and all that its parts know of it: a name, a folder, processes, and the order in which everything
 * goes again. Whatever is created is removed by `close()`, latest first, also when something fails on the way.
 */
export class Site implements Owner {
  /** Unique on this machine; every namespace name starts with it. */
  readonly id: string
  /** A temporary folder of the lab's own. */
  readonly dir: string
  readonly logDir: string
  /** What a failing test is to show besides the logs. */
  readonly places: Place[] = []
  readonly #belongings = new Belongings()
  readonly #processes = new Set<LabProcess>()
  /** How many sites this process had before. */
  protected readonly number = sitesOfThisProcess++
  readonly #steps = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined
  #wire: Wire | undefined

  protected constructor(prefix: string) {
    this.id = `${prefix}${process.pid}${this.number === 0 ? '' : `_${this.number}`}`
    this.dir = mkdtempSync(join(tmpdir(), `${this.id}-`))
    this.own('folder', () => rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 }))
    const endAll = () => this.#endAll()
    process.once('exit', endAll)
    this.own('exit listener', () => void process.off('exit', endAll))
    // Some DHCP clients give up root and still have to reach their files.
    chmodSync(this.dir, 0o755)
    this.logDir = this.folder('log')
  }

  /** Registers something to be removed at the end; best before it is made. */
  own(what: string, remove: () => Promise<void> | void): void {
    this.#belongings.add(what, remove)
  }

  /** A folder below the lab's own; its path. */
  folder(...path: string[]): string {
    const folder = join(this.dir, ...path)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Starts a long-lived process that ends with the lab. */
  spawn(log: string, command: readonly string[]): LabProcess {
    this.#assertOpen()
    const child = LabProcess.start(command, join(this.logDir, `${log}.log`))
    this.#processes.add(child)
    void child.exited.then(() => this.#processes.delete(child))
    this.own(`process ${command.join(' ')}`, () => child.stop())
    return child
  }

  /** The process that sends and receives raw frames in any namespace of the lab; started when first needed. */
  wire(): Wire {
    this.#wire ??= Wire.start(this)
    return this.#wire
  }

  /** Makes something, as a whole: `close` lets none begin, and waits for those under way so that it finds what they made. */
  async step<T>(make: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    const made = make()
    const settled = made.catch(() => undefined).finally(() => this.#steps.delete(settled))
    this.#steps.add(settled)
    return await made
  }

  /** Removes everything, latest first. Calling it again waits for the first call. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#steps).then(() => this.#belongings.removeAll())
    return this.#closing
  }

  /**
   * Closes the lab on Ctrl-C, on SIGTERM or when its terminal is closed, after `before`, and exits with the code a shell
   * expects. Call it right after `create`: the signals are then caught until everything else is gone.
   */
  onExit(before: () => Promise<void> | void = () => undefined): void {
    let leaving = false
    const leave = async (code: number) => {
      if (leaving) return
      leaving = true
      // What was under way fails now, and must not end the process before everything is removed.
      process.on('uncaughtException', () => undefined)
      try {
        await before()
      } finally {
        await this.close().catch((error: unknown) => console.error(error))
        process.exit(code)
      }
    }
    const leaveBy = (_: NodeJS.Signals, number: number) => void leave(128 + number)
    for (const signal of ENDING) process.on(signal, leaveBy)
    this.own('signal listeners', () => {
      for (const signal of ENDING) process.off(signal, leaveBy)
    })
  }

  /** What everything looks like now, as text for a failing test. */
  async dump(): Promise<string> {
    const places = await Promise.all(this.places.map(place => place.dump()))
    const logs = readdirSync(this.logDir).map(file => `--- ${file}\n${tailOf(join(this.logDir, file))}`)
    return [...places, ...logs].join('\n')
  }

  #assertOpen(): void {
    if (this.#closing) throw new Error(`lab ${this.id} is closed`)
  }

  /** The last resort when this process ends without `close()`: there is time for signals only. */
  #endAll(): void {
    for (const child of this.#processes) child.signal('SIGKILL')
  }
}

function tailOf(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-40).join('\n')
}
