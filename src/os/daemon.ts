import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { failed, type Result } from '../core/values/result.ts'
import { run } from './program.ts'
import { hasUnitManager, inUnit, type TransientUnit } from './unitManager.ts'

/** A program that goes on when this process ends. */
export interface Daemon {
  /** What people call it. */
  readonly title: string
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly output?: StdioOptions
  /** Where it is run if systemd manages the node; without it, or where nobody does, it is a process and no more. */
  readonly unit?: TransientUnit
  /** Whether it does its work by now. */
  readonly isAnswering: (timeout: number) => Promise<boolean>
  /** Milliseconds until it has to, at most. */
  readonly timeout: number
  /** What it said last, for the reason of a failure. */
  readonly lastWords: () => string
}

/** Starts a daemon and waits until it answers. The child ends when the daemon does, or with this process. */
export async function startDaemon(daemon: Daemon): Promise<Result<{ child: ChildProcess }>> {
  const { title, timeout, lastWords } = daemon
  const unit = daemon.unit && hasUnitManager() ? daemon.unit : undefined
  // One of this name that is lost to guestnet, such as by a lost pid file, or about to end.
  if (unit) await stopUnit(unit)
  const child = spawnDaemon(daemon, unit)
  let ended: string | undefined
  child.once('error', error => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    ended = `${title} ended with ${signal ?? `exit status ${code}`}: ${lastWords()}`
  })
  const begunAt = performance.now()
  const passed = () => performance.now() - begunAt
  while (passed() < timeout) {
    if (ended !== undefined) return failed(ended)
    if (await daemon.isAnswering(1000)) return { ok: true, child }
    // One that takes long, on a node without a CPU to spare, has it the less for being looked at the more often.
    await delay(Math.max(4, passed() / 20))
  }
  child.kill('SIGKILL')
  if (unit) await stopUnit(unit)
  return failed(`${title} did not answer within ${timeout / 1000} s: ${lastWords()}`)
}

function spawnDaemon(
  { command, environment, output }: Daemon,
  unit: TransientUnit | undefined,
): ChildProcess {
  const [file = '', ...args] = unit ? inUnit(unit, command) : command
  const child = spawn(file, args, {
    detached: true,
    stdio: output ?? 'ignore',
    ...(environment && !unit && { env: environment }),
  })
  child.unref()
  return child
}

/** Nothing happens where there is none. */
async function stopUnit({ name }: TransientUnit): Promise<void> {
  await run('systemctl', ['stop', `${name}.service`])
}
