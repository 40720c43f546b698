import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { execa } from 'execa'
import { PATIENCE } from './patience.ts'

/** How a finished command ended. `exitCode` is 128 + signal number for one that a signal ended, as in a shell. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** Text for the command's standard input; nothing if absent. */
  readonly input?: string
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 60_000

/** Runs a command to its end, whatever that is. Throws only if it cannot be started or takes too long. */
export async function attempt(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file = '', ...args] = command
  const result = await execa(file, args, {
    input: options.input ?? '',
    timeout: (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) * PATIENCE,
    reject: false,
  })
  if (result.timedOut || (result.exitCode === undefined && result.signal === undefined)) {
    throw new Error(result.message ?? `cannot run ${command.join(' ')}`)
  }
  return { exitCode: result.exitCode ?? 128, stdout: result.stdout, stderr: result.stderr }
}

/** Runs a command that has to succeed and returns what it wrote to standard output. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await attempt(command, options)
  if (exitCode === 0) return stdout
  throw new Error(`${command.join(' ')}\nexited with ${exitCode}: ${stderr.trim() || stdout.trim()}`)
}

/** A long-lived process that the lab started. */
export class LabProcess {
  readonly command: readonly string[]
  readonly pid: number
  readonly logFile: string
  /** Settles, without ever failing, when the process is gone. */
  readonly exited: Promise<void>
  #running = true

  private constructor(command: readonly string[], pid: number, logFile: string, exited: Promise<unknown>) {
    this.command = command
    this.pid = pid
    this.logFile = logFile
    this.exited = exited.then(() => {
      this.#running = false
    })
  }

  /**
   * Starts a process with its output appended to a file. It gets a session of its own: Ctrl-C in a terminal goes to the
   * whole foreground group, and the lab wants to end its processes in order.
   */
  static start(command: readonly string[], logFile: string): LabProcess {
    const log = openSync(logFile, 'a')
    try {
      const [file = '', ...args] = command
      const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true })
      if (child.pid === undefined) throw new Error(`cannot start ${command.join(' ')}`)
      return new LabProcess(command, child.pid, logFile, once(child, 'exit'))
    } finally {
      closeSync(log)
    }
  }

  get running(): boolean {
    return this.#running
  }

  /** Sends a signal; does nothing when the process is already gone, so a pid is never hit that means somebody else. */
  signal(name: NodeJS.Signals): void {
    if (this.#running) process.kill(this.pid, name)
  }

  /** Asks the process to end and, after `graceMs`, makes it. */
  async stop(graceMs = 3000): Promise<void> {
    this.signal('SIGTERM')
    const impatience = setTimeout(() => this.signal('SIGKILL'), graceMs)
    await this.exited
    clearTimeout(impatience)
  }
}
