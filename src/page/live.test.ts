import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Known, Live } from './live.ts'

/** The browser's end of a stream: what a test lets happen to it. */
class Stream extends EventTarget {
  static readonly CLOSED = 2
  static readonly all: Stream[] = []
  readyState = 0
  constructor() {
    super()
    Stream.all.push(this)
  }
  opens(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  breaks({ isRefused }: { isRefused: boolean }): void {
    this.readyState = isRefused ? Stream.CLOSED : 0
    this.dispatchEvent(new Event('error'))
  }
  tells(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }))
  }
}

let known: Known[]
let asked: string[]
let answer: () => Response

beforeEach(() => {
  vi.useFakeTimers()
  Stream.all.length = 0
  known = []
  asked = []
  answer = () => new Response('[]', { headers: { etag: 'W/"first"' } })
  vi.stubGlobal('EventSource', Stream)
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path)
    return answer()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A page that has been opened, and whose stream is. */
async function opened(): Promise<Stream> {
  new Live(next => known.push(next)).start()
  const [stream] = Stream.all
  if (!stream) throw new Error('no stream was opened')
  stream.opens()
  await vi.advanceTimersByTimeAsync(0)
  known.length = 0
  asked.length = 0
  return stream
}

const why = () => known.at(-1)?.trouble?.why

test('a stream that a node ends, and that is opened again soon, is no news', async () => {
  const stream = await opened()
  stream.breaks({ isRefused: false })
  await vi.advanceTimersByTimeAsync(2000)
  stream.opens()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(known.filter(({ trouble }) => trouble)).toEqual([])
})

test('one that is not is told, with when it was lost, until it is back', async () => {
  const stream = await opened()
  const since = Date.now()
  stream.breaks({ isRefused: false })
  await vi.advanceTimersByTimeAsync(2000)
  stream.breaks({ isRefused: false })
  await vi.advanceTimersByTimeAsync(3000)
  expect(known.at(-1)?.trouble).toEqual({ why: 'The agent does not answer.', since })
  stream.opens()
  await vi.advanceTimersByTimeAsync(0)
  expect(why()).toBeUndefined()
})

test('where a stream is refused, the reason that the agent gives is shown', async () => {
  const stream = await opened()
  answer = () => new Response('{"error":"sign in"}', { status: 401 })
  stream.breaks({ isRefused: true })
  await vi.advanceTimersByTimeAsync(5000)
  expect(why()).toBe('sign in')
  answer = () => new Response('[]', { headers: { etag: 'W/"first"' } })
  Stream.all.at(-1)?.breaks({ isRefused: true })
  await vi.advanceTimersByTimeAsync(5000)
  expect(why()).toContain('not told of changes')
  Stream.all.at(-1)?.opens()
  await vi.advanceTimersByTimeAsync(0)
  expect(why()).toBeUndefined()
})

test('a revision that is known already is not asked for again', async () => {
  const stream = await opened()
  stream.tells('report', { revision: 'first' })
  expect(asked).toEqual([])
  stream.tells('report', { revision: 'second' })
  expect(asked).toContain('api/report')
})
