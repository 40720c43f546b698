import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Owner } from './belongings.ts'
import { WIRE_PERL } from './wirePerl.ts'

/** A frame as it came in, and when: milliseconds of the monotonic clock. */
export interface Received {
  readonly at: number
  readonly frame: Buffer
}

/** Now, on the clock of `Received.at`. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

const OVER = 'wire: the perl that sends and receives has ended; see wire.log'

/** Sends any frame, and receives those of DHCP or router advertisements, on any link of any namespace of the lab. */
export class Wire {
  readonly #toPerl: Writable
  readonly #taps = new Map<string, WireTap>()
  readonly #opening = new Map<string, PromiseWithResolvers>()
  #lastId = 0
  #isOver = false

  private constructor(toPerl: Writable, fromPerl: Readable) {
    this.#toPerl = toPerl
    // Should it die, whoever awaits a frame says so; wire.log says why.
    toPerl.on('error', () => undefined)
    const lines = createInterface({ input: fromPerl })
    lines.on('line', line => this.#heard(line))
    lines.on('close', () => this.#end())
  }

  /** `dir`: for its script; `logDir`: for its log. */
  static start(owner: Owner & { readonly dir: string; readonly logDir: string }): Wire {
    const script = join(owner.dir, 'wire.pl')
    writeFileSync(script, WIRE_PERL)
    const log = openSync(join(owner.logDir, 'wire.log'), 'a')
    // Detached, so that Ctrl-C in a terminal leaves its end to the lab.
    const child = spawn('perl', [script], { stdio: ['pipe', 'pipe', log], detached: true })
    closeSync(log)
    const { stdin, stdout } = child
    if (stdin === null || stdout === null) throw new Error('cannot start perl')
    const exited = once(child, 'exit')
    owner.own('wire', async () => {
      // It ends by itself when its standard input does.
      stdin.end()
      await exited
    })
    return new Wire(stdin, stdout)
  }

  /** Opens a link by its name in a network namespace, for frames of one kind; throws if there is no such link. */
  async open(netns: string, link: string, kind: 'ipv4' | 'ipv6' | 'router' = 'ipv4'): Promise<WireTap> {
    if (this.#isOver) throw new Error(OVER)
    const id = String(++this.#lastId)
    const opened = new Promise<void>((resolve, reject) => this.#opening.set(id, { resolve, reject }))
    const tap = new WireTap(line => this.#say(line), id)
    this.#taps.set(id, tap)
    this.#say(`open ${id} ${netns} ${link} ${kind}`)
    await opened
    return tap
  }

  #end(): void {
    this.#isOver = true
    for (const { reject } of this.#opening.values()) reject(new Error(OVER))
  }

  #say(line: string): void {
    this.#toPerl.write(`${line}\n`)
  }

  #heard(line: string): void {
    const [verb, id = '', ...rest] = line.split(' ')
    switch (verb) {
      case 'frame':
        this.#taps.get(id)?.heard({ at: Number(rest[0]) / 1e6, frame: Buffer.from(rest[1] ?? '', 'hex') })
        break
      case 'opened':
        this.#opening.get(id)?.resolve()
        break
      case 'failed':
        this.#taps.delete(id)
        this.#opening.get(id)?.reject(new Error(`wire: ${rest.join(' ')}`))
        break
    }
  }
}

interface PromiseWithResolvers {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** One open link. */
export class WireTap {
  readonly #say: (line: string) => void
  readonly #id: string
  readonly #listeners = new Set<(received: Received) => void>()

  constructor(say: (line: string) => void, id: string) {
    this.#say = say
    this.#id = id
  }

  send(frame: Buffer): void {
    this.#say(`send ${this.#id} ${frame.toString('hex')}`)
  }

  /** Calls `listener` for each frame of its kind; returns what ends it. */
  listen(listener: (received: Received) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  heard(received: Received): void {
    for (const listener of this.#listeners) listener(received)
  }

  close(): void {
    this.#listeners.clear()
    this.#say(`close ${this.#id}`)
  }
}
