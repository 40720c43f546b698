import { type FastifyInstance, fastify } from 'fastify'
import type { Registry } from 'prom-client'
import { type Assets, serveAssets } from './assets.ts'
import { EventStreams } from './eventStreams.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { isOwnHost } from './host.ts'
import { ReportNews } from './reportNews.ts'
import type { Source } from './source.ts'

/** Connections at once, and milliseconds: for a request to be made, and for one that says nothing. */
const MOST_CONNECTIONS = 64
const ASKING = 5000
const IDLE = 30_000

export interface ServerOptions {
  readonly source: Source
  readonly assets: Assets
  readonly metrics: Registry
}

/** The HTTP interface: read-only, and the same for whoever may look (docs/page.md). It does not listen yet. */
export function makeServer({ source, assets, metrics }: ServerOptions): FastifyInstance {
  const news = new ReportNews(source)
  const streams = new EventStreams(source, news)
  const server = fastify({
    forceCloseConnections: true,
    // HEAD of a stream would open one.
    exposeHeadRoutes: false,
    bodyLimit: 1024,
    requestTimeout: ASKING,
    connectionTimeout: IDLE,
    keepAliveTimeout: ASKING,
    http: { headersTimeout: ASKING, connectionsCheckingInterval: 1000, maxHeaderSize: 16_384 },
  })
  server.server.maxConnections = MOST_CONNECTIONS

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS)
    if (!isOwnHost(request.headers.host, new Set()))
      return reply.code(421).send({ error: 'not a name of this node' })
  })
  server.addHook('preClose', async () => {
    news.stop()
    streams.closeAll()
  })
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 503).send({ error: error.message }),
  )
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'there is nothing here' }))

  for (const [path, part] of [
    ['/api/report', 'json'],
    ['/api/guests', 'guestsJson'],
  ] as const) {
    server.get(path, async (request, reply) => {
      const { revision, [part]: body } = await news.current()
      // Weak: a report's time is not part of its revision.
      const tag = `W/"${revision}"`
      reply.headers({ etag: tag, 'cache-control': 'no-cache' })
      if (request.headers['if-none-match'] === tag) return reply.code(304).send()
      return reply.type('application/json; charset=utf-8').send(body)
    })
  }
  server.get('/api/timeline', async () => source.events())
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
