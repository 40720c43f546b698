import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../lab/eventually.ts'
import type { TimelineEvent } from '../agent/event.ts'
import { type NodeView, summaryOf } from '../core/report/clusterView.ts'
import type { GuestWays } from '../core/report/guestWays.ts'
import type { Report } from '../core/report/report.ts'
import { makeServer } from './server.ts'
import type { Source } from './source.ts'

const REPORT: Report = {
  version: 1,
  node: 'pve1',
  name: 'guestnet',
  time: 1,
  complete: true,
  policy: 'default',
  nics: [],
  servers: [],
  problems: [],
}

/** An agent whose report and events a test decides. */
class Told implements Source {
  readonly node = 'pve1'
  now: Report | Error = REPORT
  looks = 0
  readonly past: TimelineEvent[] = [{ time: 1, kind: 'agent', message: 'started' }]
  file = '100.conf'
  readonly #onEvent = new Set<(event: TimelineEvent) => void>()
  readonly #onLook = new Set<() => void>()

  ways({ nics }: Report): GuestWays[] {
    return nics.map(({ vmid, type }) => ({ vmid, type, node: 'pve1', file: this.file, nics: [] }))
  }

  #held: Promise<void> | undefined
  /** From now on a look takes until it is released. */
  holdLooks(): { release: () => void } {
    let release: () => void = () => undefined
    this.#held = new Promise(resolve => {
      release = resolve
    })
    return { release: () => release() }
  }
  async report(): Promise<Report> {
    this.looks++
    await this.#held
    if (this.now instanceof Error) throw this.now
    return this.now
  }

  last: Report | undefined
  lastReport() {
    return this.last
  }
  summary() {
    if (this.now instanceof Error) throw this.now
    return summaryOf(this.now)
  }

  async cluster(): Promise<NodeView[]> {
    return [{ node: 'pve1', state: 'answering', summary: this.summary() }]
  }

  events(): TimelineEvent[] {
    return this.past
  }

  onEvent(listener: (event: TimelineEvent) => void): () => void {
    this.#onEvent.add(listener)
    return () => this.#onEvent.delete(listener)
  }

  onLook(listener: () => void): () => void {
    this.#onLook.add(listener)
    return () => this.#onLook.delete(listener)
  }

  happens(event: TimelineEvent): void {
    for (const listener of this.#onEvent) listener(event)
  }

  becomes(now: Report | Error): void {
    this.now = now
    for (const listener of this.#onLook) listener()
  }

  get listeners(): number {
    return this.#onEvent.size
  }
}

const PAGE = { '/': { type: 'text/html; charset=utf-8', body: '<p>page' } }

let told: Told
let server: FastifyInstance
let open: ClientRequest[]

beforeEach(async () => {
  told = new Told()
  open = []
  server = makeServer({ source: told, assets: PAGE, metrics: new Registry() })
  await server.listen({ host: '127.0.0.1', port: 0 })
})
afterEach(async () => {
  for (const one of open) one.destroy()
  await server.close()
})

function port(): number {
  return (server.server.address() as AddressInfo).port
}

interface Asked {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Asked> {
  const { response } = await send(path, headers, method)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
}

async function send(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const outgoing = request({ host: '127.0.0.1', port: port(), path, method, headers, agent: false }).end()
  open.push(outgoing)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { outgoing, response }
}

/** Opens the stream; what it said so far. */
async function follow(): Promise<{ said: () => string; response: IncomingMessage }> {
  const { response } = await send('/api/events')
  let said = ''
  response.on('data', chunk => {
    said += chunk
  })
  response.on('error', () => undefined)
  await eventually('the stream begins', () => said.includes('retry'))
  return { said: () => said, response }
}

describe('the report', () => {
  test('is what status prints', async () => {
    const { status, headers, body } = await ask('/api/report')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(body)).toEqual({ agent: true, agentState: 'running', ...REPORT })
  })

  test('is not sent again while nothing but its time changes', async () => {
    const { headers } = await ask('/api/report')
    told.becomes({ ...REPORT, time: 2 })
    const again = await ask('/api/report', { 'if-none-match': headers.etag ?? '' })
    expect([again.status, again.body]).toEqual([304, ''])
    told.becomes({ ...REPORT, complete: false })
    expect((await ask('/api/report', { 'if-none-match': headers.etag ?? '' })).status).toBe(200)
  })

  test('and the timeline is not sent again while nothing happens', async () => {
    const { headers } = await ask('/api/timeline')
    const again = () => ask('/api/timeline', { 'if-none-match': headers.etag ?? '' })
    expect((await again()).status).toBe(304)
    told.past.push({ time: 2, kind: 'agent', message: 'something' })
    expect((await again()).status).toBe(200)
  })

  test('comes with the ways of its guests, which count as much as itself', async () => {
    told.becomes({ ...REPORT, nics: [{ vmid: 100, type: 'qemu', nic: 0, family: 'ipv4', state: 'stopped' }] })
    const { headers, body } = await ask('/api/guests')
    expect(JSON.parse(body)).toEqual([{ vmid: 100, type: 'qemu', node: 'pve1', file: '100.conf', nics: [] }])
    const { headers: ofReport } = await ask('/api/report')
    expect(ofReport.etag).toBe(headers.etag)
    told.file = '101.conf'
    told.becomes(told.now)
    expect((await ask('/api/report', { 'if-none-match': headers.etag ?? '' })).status).toBe(200)
  })

  test('costs one look for all who ask at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => ask('/api/report')))
    expect(told.looks).toBe(1)
  })

  test('is packed for who takes that', async () => {
    const plain = await ask('/api/report')
    const { response } = await send('/api/report', { 'accept-encoding': 'br, gzip' })
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    expect([plain.headers['content-encoding'], response.headers['content-encoding']]).toEqual([
      undefined,
      'gzip',
    ])
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(plain.body)
    expect(response.headers.etag).toBe(plain.headers.etag)
  })

  test('is told in pieces that make the same as a whole', async () => {
    const nics = [100, 101].map(
      vmid => ({ vmid, type: 'qemu', nic: 0, family: 'ipv4', state: 'stopped' }) as const,
    )
    const problems = [{ code: 'agent-down', message: 'it says "no"', remedy: 'none\u202e' }] as const
    told.becomes({ ...REPORT, nics, problems })
    const { body } = await ask('/api/report')
    expect(JSON.parse(body)).toEqual({ agent: true, agentState: 'running', ...REPORT, nics, problems })
    expect(JSON.parse((await ask('/api/guests')).body)).toHaveLength(2)
  })

  test('is the former one while a new look takes long, and whoever listens is told of the new one', async () => {
    const { headers } = await ask('/api/report')
    const { said } = await follow()
    const look = told.holdLooks()
    told.becomes({ ...REPORT, complete: false })
    const meanwhile = await Promise.all([1, 2, 3].map(() => ask('/api/report')))
    expect(meanwhile.map(answer => answer.headers.etag)).toEqual([1, 2, 3].map(() => headers.etag))
    const looks = told.looks
    look.release()
    await eventually('the new one is told', () => said().includes('event: report'), { dump: said })
    expect(JSON.parse((await ask('/api/report')).body)).toMatchObject({ complete: false })
    expect([looks, told.looks <= looks + 1]).toEqual([2, true])
  })

  test('is what the last run found while the first look takes long', async () => {
    const { said } = await follow()
    const look = told.holdLooks()
    told.last = { ...REPORT, policy: 'file' }
    expect(JSON.parse((await ask('/api/report')).body)).toMatchObject({ policy: 'file' })
    look.release()
    await eventually('the look is told', () => said().includes('event: report'), { dump: said })
    expect(JSON.parse((await ask('/api/report')).body)).toMatchObject({ policy: 'default' })
  })

  test('that cannot be had says why, and is had as soon as it can be', async () => {
    told.becomes(new Error('the agent has not been able to look at the node yet'))
    expect(await ask('/api/report')).toMatchObject({
      status: 503,
      body: '{"error":"the agent has not been able to look at the node yet"}',
    })
    told.now = REPORT
    expect((await ask('/api/report')).status).toBe(200)
  })
})

test('what other nodes are told costs no look', async () => {
  expect(JSON.parse((await ask('/api/summary')).body)).toEqual(summaryOf(REPORT))
  expect(told.looks).toBe(0)
  told.becomes(new Error('not yet'))
  expect((await ask('/api/summary')).status).toBe(503)
})

describe('the stream', () => {
  test('tells what happened, and that the report changed', async () => {
    const { said } = await follow()
    told.happens({ time: 5, kind: 'lease', message: 'VM 100 leased 192.0.2.10', vmid: 100 })
    told.becomes({ ...REPORT, complete: false })
    await eventually('both arrive', () => said().includes('event: report'), { dump: said })
    expect(said()).toContain(
      'event: event\ndata: {"time":5,"kind":"lease","message":"VM 100 leased 192.0.2.10","vmid":100}\n\n',
    )
    expect(said()).toMatch(/event: report\ndata: \{"revision":"[\w-]{16}"\}\n\n/)
  })

  test('tells nothing while the report stays as it is', async () => {
    const { said } = await follow()
    told.becomes({ ...REPORT, complete: false })
    await eventually('a change arrives', () => said().includes('report'))
    const before = said()
    const looks = told.looks
    told.becomes({ ...REPORT, complete: false, time: 9 })
    await eventually('it was looked at again', () => told.looks > looks)
    told.happens({ time: 6, kind: 'agent', message: 'the end' })
    await eventually('what came after arrives', () => said().includes('the end'))
    expect(said().slice(before.length)).not.toContain('report')
  })

  test('costs no look while nobody listens', async () => {
    const { response } = await follow()
    response.destroy()
    await eventually('nobody listens', () => told.listeners === 0)
    told.becomes({ ...REPORT, complete: false })
    expect((await ask('/api/timeline')).status).toBe(200)
    expect(told.looks).toBe(0)
  })

  test('is closed to who does not read', async () => {
    const { response } = await follow()
    response.pause()
    const event: TimelineEvent = { time: 1, kind: 'agent', message: 'x'.repeat(50_000) }
    await eventually('the agent lets go', () => {
      told.happens(event)
      return told.listeners === 0
    })
  })

  test('is had by so many and no more', async () => {
    for (let number = 0; number < 24; number++) await follow()
    expect((await ask('/api/events')).status).toBe(503)
    expect((await ask('/api/report')).status).toBe(200)
  })

  test('ends with the server', async () => {
    const { response } = await follow()
    const ended = new Promise(resolve => response.once('close', resolve))
    await server.close()
    await ended
  })
})

describe('who asks', () => {
  test.each(['/', '/api/report', '/api/timeline', '/nothing'])('%s is guarded by headers', async path => {
    const { headers } = await ask(path)
    expect(headers['content-security-policy']).toContain("script-src 'self'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
  })

  test('by a name of somebody else’s is refused', async () => {
    for (const path of ['/', '/api/report', '/api/events'])
      expect((await ask(path, { host: 'evil.example' })).status).toBe(421)
    expect(told.looks).toBe(0)
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('by %s gets nothing', async method => {
    expect((await ask('/api/events', {}, method)).status).toBe(404)
  })

  test('and never says so loses the connection', async () => {
    const socket = connect(port(), '127.0.0.1')
    socket.write('GET /api/report HTTP/1.1\r\n')
    socket.on('error', () => undefined)
    await once(socket.resume(), 'close')
  }, 20_000)

  test('with many connections is let in by so many and no more', async () => {
    const sockets = Array.from({ length: 80 }, () =>
      connect(port(), '127.0.0.1').on('error', () => undefined),
    )
    await eventually('those beyond 64 are closed', () => sockets.filter(({ closed }) => closed).length === 16)
    for (const socket of sockets) socket.destroy()
    await eventually('there is room again', async () => (await ask('/api/timeline')).status === 200)
  })

  test('gets the page, once', async () => {
    const { body, headers } = await ask('/')
    expect(body).toBe('<p>page')
    expect((await ask('/', { 'if-none-match': headers.etag ?? '' })).status).toBe(304)
  })
})
