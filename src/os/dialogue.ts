import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { failed, type Result } from '../core/values/result.ts'

export interface DialogueOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Lines of input after which the program is replaced by a fresh one: what it remembers is bounded by that. */
  readonly linesAtMost: number
  /** Milliseconds it may take over an answer. */
  readonly timeout?: number
}

/** What the program printed, line by line, up to the line that was waited for. */
type Answer = Result<{ lines: readonly string[] }>

interface Waiting {
  readonly isLast: (line: string) => boolean
  readonly resolve: (answer: Answer) => void
  readonly lines: string[]
}

/**
 * A program that is kept running and told one thing after the other, which saves its start each time. What it prints is read
 * as one, complaints among the rest in their order. It ends with this process, since its standard input does.
 */
export class Dialogue {
  readonly #options: Required<DialogueOptions>
  #child: ChildProcess | undefined
  #waiting: Waiting | undefined
  #linesSaid = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: DialogueOptions) {
    this.#options = { timeout: 20_000, environment: {}, ...options }
  }

  /**
   * Says lines and waits for the line that must come last. `onStart` is told the process id of who is going to hear them. Fails
   * where the program is not there, ends, or does not come to that line: what of the lines it carried out is not known then.
   */
  say(
    lines: readonly string[],
    isLast: (line: string) => boolean,
    onStart: (pid: number) => void = () => undefined,
  ): Promise<Answer> {
    const answer = this.#turn.then(() => this.#say(lines, isLast, onStart))
    this.#turn = answer
    return answer
  }

  /** Ends the program, which a later `say` starts again. */
  end(): void {
    this.#child?.stdin?.end()
    this.#child = undefined
    this.#linesSaid = 0
  }

  async #say(
    lines: readonly string[],
    isLast: (line: string) => boolean,
    onStart: (pid: number) => void,
  ): Promise<Answer> {
    if (this.#linesSaid >= this.#options.linesAtMost) this.end()
    this.#child ??= this.#start()
    const child = this.#child
    if (child?.pid === undefined) return failed(`${this.#options.program} cannot be started`)
    onStart(child.pid)
    this.#linesSaid += lines.length
    hold(child, true)
    const answer = await this.#exchange(child, lines, isLast)
    hold(child, false)
    if (!answer.ok) {
      child.kill('SIGKILL')
      if (this.#child === child) this.end()
    }
    return answer
  }

  #exchange(
    child: ChildProcess,
    lines: readonly string[],
    isLast: (line: string) => boolean,
  ): Promise<Answer> {
    return new Promise(resolve => {
      const { program, timeout } = this.#options
      const timer = setTimeout(
        () => this.#answer(failed(`${program} did not answer within ${timeout / 1000} s`)),
        timeout,
      )
      this.#waiting = {
        isLast,
        lines: [],
        resolve: answer => {
          clearTimeout(timer)
          resolve(answer)
        },
      }
      child.stdin?.write(`${lines.join('\n')}\n`)
    })
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(answer)
  }

  #take(line: string): void {
    const waiting = this.#waiting
    if (!waiting) return
    if (waiting.isLast(line)) this.#answer({ ok: true, lines: waiting.lines })
    else waiting.lines.push(line)
  }

  /** By a shell that puts its errors where its answers go, and then is that program. */
  #start(): ChildProcess | undefined {
    const { program, args, environment } = this.#options
    try {
      const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', program, ...args], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { ...process.env, ...environment },
      })
      const isCurrent = () => this.#child === child
      const ended = (reason: string) => {
        if (!isCurrent()) return
        this.end()
        this.#answer(failed(`${program} ${reason}`))
      }
      child.once('error', error => ended(`cannot be started: ${error.message}`))
      child.once('close', (code, signal) => ended(`ended with ${signal ?? `exit status ${code}`}`))
      // A program that ends closes its input, which is told by its end.
      child.stdin?.on('error', () => undefined)
      let rest = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        if (isCurrent()) for (const line of lines) this.#take(line)
      })
      return child
    } catch {
      // There is no process or file left, which passes.
      return undefined
    }
  }
}

/** A program that has nothing to say must not keep this process from ending. */
function hold(child: ChildProcess, isHeld: boolean): void {
  for (const one of [child, child.stdin as Socket | null, child.stdout as Socket | null]) {
    if (isHeld) one?.ref()
    else one?.unref()
  }
}
