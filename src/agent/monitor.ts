import { type ChildProcess, spawn } from 'node:child_process'
import { errorText } from '../os/errorText.ts'

export interface MonitorOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly onLine: (line: string) => void
  /** Told why the program ended, each time: whatever it would have told meanwhile is lost. */
  readonly onGap: (reason: string) => void
}

/** Milliseconds before an ended program is started again; doubles while it ends at once. */
const RESTART = { first: 100, longest: 10_000, proven: 5000 }

function spawnPiped(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** A program that prints a line whenever something happens, started again whenever it ends. */
export class Monitor {
  readonly #options: MonitorOptions
  readonly #spawn: typeof spawnPiped
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #wait = RESTART.first
  #stopped = false

  /** `start` starts a program with its output in pipes. */
  constructor(options: MonitorOptions, start = spawnPiped) {
    this.#options = options
    this.#spawn = start
  }

  start(): void {
    const begun = performance.now()
    let ended = false
    const end = (reason: string) => {
      if (ended || this.#stopped) return
      ended = true
      this.#startAgain(performance.now() - begun, reason)
    }
    try {
      this.#begin(end)
    } catch (error) {
      end(errorText(error))
    }
  }

  #startAgain(lasted: number, reason: string): void {
    const { program, args, onGap } = this.#options
    this.#wait = lasted > RESTART.proven ? RESTART.first : Math.min(this.#wait * 2, RESTART.longest)
    this.#timer = setTimeout(() => {
      this.start()
      onGap(`${program} ${args.join(' ')} ${reason}`)
    }, this.#wait)
  }

  /** Throws where there is no process, file or memory left for it; where files are short Node makes no pipes, and tells later. */
  #begin(end: (reason: string) => void): void {
    const { program, args, onLine, onGap } = this.#options
    const child: ChildProcess = this.#spawn(program, args)
    this.#child = child
    child.once('error', error => end(error.message))
    child.once('exit', (code, signal) => end(`ended with ${signal ?? `exit status ${code}`}`))
    let rest = ''
    let complaint = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
    // An overflow of the kernel's queue is reported here or there; either way something was lost.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = text.trim().split('\n')
      if (lines.every(isWarning)) return
      complaint = text.trim().slice(-200)
      onGap(`${program} says: ${complaint}`)
    })
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#child?.kill()
  }
}

/**
 * What nft(8) warns of as it listens is lost to its own memory alone, as the set of a rule that is gone by the time it asks for
 * it ("W: Received event for an unknown set."): the transaction is told all the same.
 */
function isWarning(line: string): boolean {
  return line.startsWith('W: ')
}
