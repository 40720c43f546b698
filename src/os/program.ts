import { ExecaError, execa } from 'execa'
import type { Result } from '../core/values/result.ts'
import { errorText } from './errorText.ts'

/** What a finished program said, or why there is nothing: never an exception. */
export type Outcome = Result<
  { stdout: string; stderr: string; pid: number },
  { stderr: string; missing: boolean }
>

export interface RunOptions {
  /** Given on standard input. */
  readonly input?: string
  /** Milliseconds until the program is ended; default 20 s. */
  readonly timeout?: number
  /** Told the process id as soon as there is one. */
  readonly onStart?: (pid: number) => void
}

/** Runs a program to its end. The reason of a failure is built from facts: the command, its exit, what it said. */
export async function run(
  program: string,
  args: readonly string[],
  { input, timeout = 20_000, onStart }: RunOptions = {},
): Promise<Outcome> {
  try {
    const child = execa(program, args, {
      timeout,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      stripFinalNewline: true,
      maxBuffer: 256 * 1024 * 1024,
    })
    const { pid = 0 } = child
    onStart?.(pid)
    const { stdout, stderr } = await child
    return { ok: true, stdout, stderr, pid }
  } catch (error) {
    // Such as having no file or process left (EMFILE, EAGAIN, ENOMEM), which passes.
    if (!(error instanceof ExecaError))
      return { ok: false, missing: false, stderr: '', reason: notStarted(program, error) }
    const stderr = typeof error.stderr === 'string' ? error.stderr : ''
    const missing = error.code === 'ENOENT'
    return {
      ok: false,
      missing,
      stderr,
      reason: missing ? `${program} is not installed` : reasonOf(program, args, error, stderr),
    }
  }
}

function notStarted(program: string, error: unknown): string {
  return `${program} cannot be started: ${errorText(error)}`
}

function reasonOf(program: string, args: readonly string[], error: ExecaError, stderr: string): string {
  const command = [program, ...args].join(' ').slice(0, 120)
  const said = stderr.split('\n').slice(0, 3).join(' ').trim().slice(0, 300)
  const end = error.timedOut
    ? 'did not end in time'
    : (error.signal ?? `exited with ${error.exitCode ?? error.code}`)
  return `${command}: ${end}${said === '' ? '' : `: ${said}`}`
}
