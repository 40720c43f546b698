import { rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Settings } from '../core/node/settings.ts'
import type { Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'

/** Where a running agent answers. */
export function socketPath({ runDir }: Pick<Settings, 'runDir'>): string {
  return join(runDir, 'agent.sock')
}

/** What an agent answers, by `METHOD /path`: a value, by what follows a `?`, or one line after the other for as long as somebody listens. */
export interface Routes {
  readonly values: Readonly<Record<string, (query: URLSearchParams) => Promise<unknown>>>
  /** Calls back with each value; the returned function ends that. */
  readonly streams: Readonly<Record<string, (onValue: (value: unknown) => void) => () => void>>
}

/** Bounds of what is answered at once, and milliseconds that a question may take to be asked. */
const MOST_CONNECTIONS = 64
const ASKING = 5000
/** Bytes that wait for somebody who listens but does not read. */
const MOST_UNREAD = 4 * 1024 * 1024

/**
 * Answers other guestnet processes on this node: JSON over HTTP over a socket that only root can open. To be called by who has
 * taken the instance: what lies at the socket's path is of somebody who is gone.
 */
export async function answer(settings: Pick<Settings, 'runDir'>, routes: Routes): Promise<Server> {
  const path = socketPath(settings)
  rmSync(path, { force: true })
  const limits = { headersTimeout: ASKING, requestTimeout: ASKING, connectionsCheckingInterval: 1000 }
  const server = createServer(limits, (incoming, response) => {
    const [path = '', query = ''] = (incoming.url ?? '').split('?', 2)
    const name = `${incoming.method} ${path}`
    const stream = routes.streams[name]
    const route = routes.values[name]
    if (stream) {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      const end = stream(value => {
        if (response.writableLength > MOST_UNREAD) response.destroy()
        else response.write(`${JSON.stringify(value)}\n`)
      })
      response.on('close', end)
    } else if (route) {
      route(new URLSearchParams(query)).then(
        body => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        (error: unknown) => response.writeHead(500).end(errorText(error)),
      )
    } else {
      response.writeHead(404).end()
    }
  })
  server.on('error', () => undefined)
  server.maxConnections = MOST_CONNECTIONS
  const umask = process.umask(0o177)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  }).finally(() => process.umask(umask))
  return server
}

/** What an agent answers: a value, or why it has none. */
export type Answer = Result<{ value: unknown }>

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
        const { statusCode } = response
        if (statusCode === 200) resolve({ ok: true, value: JSON.parse(text) })
        // What this version asks, another one may not know.
        else resolve(statusCode === 404 ? { ok: true, value: undefined } : { ok: false, reason: text })
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
