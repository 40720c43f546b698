import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Namespace } from './namespace.ts'

/** A program that tells what happens, line by line, and something that it tells of. */
export interface Monitor {
  readonly command: readonly string[]
  /** Makes something happen. */
  readonly sign: (where: Namespace) => Promise<unknown>
}

/** Hears what a monitor tells in a namespace until the lab is closed. What happens before this resolves may be missed. */
export async function hear(
  where: Namespace,
  { command, sign }: Monitor,
  onLine: (line: string) => void,
): Promise<void> {
  const [file = '', ...args] = [...where.enter, ...command]
  // Detached, so that Ctrl-C in a terminal leaves its end to the lab.
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const exited = once(child, 'exit')
  where.lab.own(`${command.join(' ')} on ${where.netns}`, async () => {
    child.kill('SIGTERM')
    await exited
  })
  let isListening = false
  createInterface({ input: child.stdout }).on('line', line => {
    isListening = true
    onLine(line)
  })
  // The monitor does not say when it has begun to listen.
  while (!isListening) await sign(where)
}
