import { type ChildProcess, spawn } from 'node:child_process'

export interface MonitorOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly onLine: (line: string) => void
  /** Told why the program ended, each time: whatever it would have told meanwhile is lost. */
  readonly onGap: (reason: string) => void
}

/** Milliseconds before an ended program is started again; doubles while it ends at once. */
const RESTART = { first: 100, longest: 10_000, proven: 5000 }

/** A program that prints a line whenever something happens, started again whenever it ends. */
export class Monitor {
  readonly #options: MonitorOptions
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #wait = RESTART.first
  #stopped = false

  constructor(options: MonitorOptions) {
    this.#options = options
  }

  start(): void {
    const { program, args, onLine, onGap } = this.#options
    const begun = performance.now()
    const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let rest = ''
    let complaint = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
    // An overflow of the kernel's queue is reported here or there; either way something was lost.
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = text.trim().slice(-200)
      onGap(`${program} says: ${complaint}`)
    })
    let ended = false
    const end = (reason: string) => {
      if (ended || this.#stopped) return
      ended = true
      this.#wait =
        performance.now() - begun > RESTART.proven ? RESTART.first : Math.min(this.#wait * 2, RESTART.longest)
      this.#timer = setTimeout(() => {
        this.start()
        onGap(`${program} ${args.join(' ')} ${reason}`)
      }, this.#wait)
    }
    child.once('error', error => end(error.message))
    child.once('exit', (code, signal) => end(`ended with ${signal ?? `exit status ${code}`}`))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#child?.kill()
  }
}
