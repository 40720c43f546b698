import { request } from 'node:http'
import { connect, type TLSSocket } from 'node:tls'
import type { NodeSummary } from '../../core/report/clusterView.ts'
import { NodeSummarySchema } from '../../core/report/schema.ts'
import { isCertificateOf } from '../../pve/access/certificate.ts'

/** Milliseconds that a node has to answer, and bytes that its answer may have. */
const PATIENCE = 4000
const LONGEST = 4 * 1024 * 1024

export interface AskedNode {
  readonly pveRoot: string
  readonly node: string
  readonly address: string
  readonly port: number
  /** What the nodes of the cluster show one another. */
  readonly secret: string
}

/** Asks another node's agent what its last look found. Throws, with a reason in words, when there is no answer. */
export async function askNode(asked: AskedNode): Promise<NodeSummary> {
  const socket = await connectTo(asked)
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE)
  try {
    const summary = NodeSummarySchema.safeParse(JSON.parse(await get(socket, asked)))
    if (!summary.success) throw new Error('its agent is another version of guestnet')
    return summary.data
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

/**
 * The secret is shown only to who has the node's own certificate, as the cluster has it: whoever signed that does not matter, and an
 * address that is somebody else's by now learns nothing.
 */
function connectTo({ pveRoot, node, address, port }: AskedNode): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, servername: node, rejectUnauthorized: false }, () => {
      clearTimeout(timer)
      const shown = socket.getPeerX509Certificate()?.raw
      if (shown && isCertificateOf(pveRoot, node, shown)) return resolve(socket)
      socket.destroy(new Error('it does not show the certificate of that node'))
    })
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE)
    socket.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

function get(socket: TLSSocket, { node, port, secret }: AskedNode): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${node}:${port}`, authorization: `Bearer ${secret}` }
    const outgoing = request({ path: '/api/summary', headers, createConnection: () => socket }, response => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > LONGEST) socket.destroy(new Error('its answer is too long'))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if (response.statusCode === 200) resolve(text)
        else if (response.statusCode === 404) reject(new Error('its agent is another version of guestnet'))
        else reject(new Error(`it refuses (${response.statusCode}): ${text.slice(0, 200)}`))
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
