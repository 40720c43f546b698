import { rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { createServer as createLock } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Settings } from '../core/node/settings.ts'

/** Where a running agent answers. */
export function socketPath({ runDir }: Pick<Settings, 'runDir'>): string {
  return join(runDir, 'agent.sock')
}

/**
 * Takes the name of an instance for as long as this process lives, whatever its end: an abstract socket, unix(7).
 * Returns false if another process has it.
 */
export function takeName({ name }: Pick<Settings, 'name'>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const lock = createLock()
    lock.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    lock.listen(`\0guestnet/${name}`, () => {
      lock.unref()
      resolve(true)
    })
  })
}

/** What an agent answers, by `METHOD /path`: a value, or one line after the other for as long as somebody listens. */
export interface Routes {
  readonly values: Readonly<Record<string, () => Promise<unknown>>>
  /** Calls back with each value; the returned function ends that. */
  readonly streams: Readonly<Record<string, (onValue: (value: unknown) => void) => () => void>>
}

/** Answers other guestnet processes on this node: JSON over HTTP over a socket that only root can open. */
export async function answer(settings: Pick<Settings, 'runDir'>, routes: Routes): Promise<Server> {
  const path = socketPath(settings)
  rmSync(path, { force: true })
  const server = createServer((incoming, response) => {
    const name = `${incoming.method} ${incoming.url}`
    const stream = routes.streams[name]
    const route = routes.values[name]
    if (stream) {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      const end = stream(value => response.write(`${JSON.stringify(value)}\n`))
      response.on('close', end)
    } else if (route) {
      route().then(
        body => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        (error: unknown) =>
          response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
      )
    } else {
      response.writeHead(404).end()
    }
  })
  server.on('error', () => undefined)
  const umask = process.umask(0o177)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  }).finally(() => process.umask(umask))
  return server
}

/** What an agent answers: a value, or why it has none. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

/** Asks the agent on this node; `undefined` if none answers. */
export function ask(
  settings: Pick<Settings, 'runDir'>,
  method: 'GET' | 'POST',
  path: string,
  timeout = 30_000,
): Promise<Answer | undefined> {
  return new Promise(resolve => {
    const outgoing = request({ socketPath: socketPath(settings), method, path, timeout }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve(
          response.statusCode === 200 ? { ok: true, value: JSON.parse(text) } : { ok: false, reason: text },
        )
      })
      response.on('error', () => resolve(undefined))
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(undefined))
    outgoing.end()
  })
}

/** Listens to a stream of the agent on this node, one value a line; resolves to false if no agent answers. */
export function follow(
  settings: Pick<Settings, 'runDir'>,
  path: string,
  onValue: (value: unknown) => void,
): Promise<boolean> {
  return new Promise(resolve => {
    const outgoing = request({ socketPath: socketPath(settings), path }, response => {
      const lines = createInterface({ input: response })
      lines.on('line', line => onValue(JSON.parse(line)))
      lines.on('close', () => resolve(true))
      response.on('error', () => lines.close())
    })
    outgoing.on('error', () => resolve(false))
    outgoing.end()
  })
}
