import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

/** Connections at once, and milliseconds: for a request to be made, and for one that says nothing. */
const MOST_CONNECTIONS = 64
const ASKING = 5000
const IDLE = 30_000

/** Certificate and key, as PEM. */
export interface Tls {
  readonly cert: string
  readonly key: string
}

/** A server that no number of slow clients holds up: what they may take is bounded. */
export function makeNodeServer(listener: RequestListener, tls: Tls | undefined): Server {
  const limits = {
    headersTimeout: ASKING,
    requestTimeout: ASKING,
    keepAliveTimeout: ASKING,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16_384,
  }
  const server = tls
    ? createTlsServer({ ...limits, ...tls, handshakeTimeout: ASKING, minVersion: 'TLSv1.2' }, listener)
    : createServer(limits, listener)
  server.maxConnections = MOST_CONNECTIONS
  server.setTimeout(IDLE)
  return server
}
