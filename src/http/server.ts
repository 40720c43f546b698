import { createHash } from 'node:crypto'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Registry } from 'prom-client'
import { type Assets, serveAssets } from './assets.ts'
import { Body, takesPacked } from './body.ts'
import { ClusterNews } from './cluster/clusterNews.ts'
import { EventStreams } from './eventStreams.ts'
import type { Guard } from './guard.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { isOwnHost } from './host.ts'
import { makeNodeServer, type Tls } from './nodeServer.ts'
import { ReportNews } from './reportNews.ts'
import type { Source } from './source.ts'
import { tell } from './toldReport.ts'

/** Milliseconds after which a stream is closed, so that the browser opens it anew and whoever listens is judged anew. */
const GUARDED_STREAM = 600_000

const NO_NAMES: ReadonlySet<string> = new Set()

export interface ServerOptions {
  readonly source: Source
  readonly assets: Assets
  readonly metrics: Registry
  /** Absent: whoever can connect may look, and the connection is not encrypted. */
  readonly secure?: { readonly tls: Tls; readonly guard: Guard; readonly names: ReadonlySet<string> }
}

/** The HTTP interface: read-only, and the same for whoever may look (docs/page.md). It does not listen yet. */
export function makeServer({ source, assets, metrics, secure }: ServerOptions): FastifyInstance {
  const news = new ReportNews({
    look: () => source.report(),
    last: () => source.lastReport(),
    tell: report => tell(report, source.ways(report)),
    onLook: listener => source.onLook(listener),
  })
  const cluster = new ClusterNews(() => source.cluster(), source.node)
  const streams = new EventStreams(
    {
      onReport: listener => news.listen(listener),
      onEvent: listener => source.onEvent(listener),
      onCluster: listener => cluster.listen(listener),
    },
    secure && GUARDED_STREAM,
  )
  const server = fastify({
    forceCloseConnections: true,
    // HEAD of a stream would open one.
    exposeHeadRoutes: false,
    bodyLimit: 1024,
    serverFactory: listener => makeNodeServer(listener, secure?.tls),
  })

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    if (!isOwnHost(request.headers.host, secure?.names ?? NO_NAMES))
      return reply.code(421).send({ error: 'not a name of this node' })
    return await secure?.guard.check(request, reply)
  })
  server.addHook('preClose', async () => {
    news.stop()
    cluster.stop()
    streams.closeAll()
  })
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 503).send({ error: error.message }),
  )
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'there is nothing here' }))

  for (const [path, part] of [
    ['/api/report', 'report'],
    ['/api/guests', 'guests'],
  ] as const) {
    server.get(path, async (request, reply) => {
      const { revision, [part]: body } = await news.current()
      return await sendTagged(request, reply, body, revision)
    })
  }
  server.get('/api/summary', async () => source.summary())
  server.get('/api/cluster', async () => ({ nodes: await cluster.current() }))
  server.get('/api/timeline', async (request, reply) => {
    const body = new Body(JSON.stringify(source.events()))
    const revision = createHash('sha256').update(body.plain).digest('base64url').slice(0, 16)
    return await sendTagged(request, reply, body, revision)
  })
  server.get('/api/events', (_request, reply) => {
    if (streams.isFull) return reply.code(503).send({ error: 'too many are listening' })
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    streams.open(reply.raw)
  })
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  )
  serveAssets(server, assets)
  return server
}

/** A browser that has it already asks by its tag. Weak: a report's time is not part of its revision. */
async function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  body: Body,
  revision: string,
): Promise<FastifyReply> {
  const tag = `W/"${revision}"`
  reply.headers({ etag: tag, 'cache-control': 'no-cache', vary: 'accept-encoding' })
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  reply.type('application/json; charset=utf-8')
  if (!takesPacked(request.headers['accept-encoding'])) return reply.send(body.plain)
  return reply.header('content-encoding', 'gzip').send(await body.packed())
}
