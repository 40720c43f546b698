import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/** A file of the page. */
export interface Asset {
  /** Its media type, with `charset=utf-8` for text. */
  readonly type: string
  readonly body: string
}

/** The files of the page, by their paths: `/`, `/page.js`. */
export type Assets = Readonly<Record<string, Asset>>

/** Serves the files of the page, which a browser asks for again by their tag only. */
export function serveAssets(server: FastifyInstance, assets: Assets): void {
  for (const [path, { type, body }] of Object.entries(assets)) {
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`
    server.get(path, (request, reply) => {
      reply.headers({ 'content-type': type, etag: tag, 'cache-control': 'no-cache' })
      if (request.headers['if-none-match'] === tag) return reply.code(304).send()
      return reply.send(body)
    })
  }
}
