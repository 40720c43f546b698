import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ReportNews } from './reportNews.ts'

interface Told {
  readonly revision: string
}

/** Looks that end when a test says so. */
let looks: { end: (revision: string) => void; fail: (reason: string) => void }[]
let last: string | undefined
let tells: string[]
let ring: () => void
let news: ReportNews<string, Told>

beforeEach(() => {
  looks = []
  last = undefined
  tells = []
  news = new ReportNews<string, Told>({
    look: () =>
      new Promise((resolve, reject) => {
        looks.push({ end: resolve, fail: reason => reject(new Error(reason)) })
      }),
    last: () => last,
    tell: async revision => {
      tells.push(revision)
      return { revision }
    },
    onLook: listener => {
      ring = listener
      return () => undefined
    },
  })
  return () => news.stop()
})

test('while the first look takes long all who ask are told what the last run found, which is told once', async () => {
  last = 'of the run'
  const answers = await Promise.all([news.current(), news.current(), news.current()])
  expect(answers.map(({ revision }) => revision)).toEqual(['of the run', 'of the run', 'of the run'])
  expect([looks.length, tells]).toEqual([1, ['of the run']])
})

test('whoever listens is told of the look that came later, once', async () => {
  const heard: string[] = []
  news.listen(revision => heard.push(revision))
  last = 'of the run'
  await news.current()
  looks[0]?.end('of the look')
  expect((await news.current()).revision).toBe('of the look')
  expect(heard).toEqual(['of the look'])
})

test('without anything to tell, they wait for the look, and are told why it failed', async () => {
  const asked = news.current()
  looks[0]?.fail('not yet')
  await expect(asked).rejects.toThrow('not yet')
  const again = news.current()
  looks[1]?.end('now')
  expect((await again).revision).toBe('now')
})

test('what is noticed during a look is seen by one that follows it, which all share', async () => {
  const first = news.current()
  ring()
  const others = [news.current(), news.current()]
  expect(looks).toHaveLength(1)
  looks[0]?.end('before')
  expect((await first).revision).toBe('before')
  await Promise.resolve()
  expect(looks).toHaveLength(2)
  looks[1]?.end('after')
  expect((await Promise.all(others)).map(({ revision }) => revision)).toEqual(['after', 'after'])
})

test('a look that fails while an older report is told harms nobody', async () => {
  last = 'of the run'
  await news.current()
  ring()
  await news.current()
  looks[0]?.fail('no answer')
  await new Promise(resolve => setImmediate(resolve))
  looks[1]?.fail('no answer')
  await new Promise(resolve => setImmediate(resolve))
  expect(tells).toEqual(['of the run'])
})

test('the first is made once the agent has come to rest, and no other one while nobody asks', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  ring()
  vi.advanceTimersByTime(1999)
  ring()
  vi.advanceTimersByTime(1999)
  expect(looks).toHaveLength(0)
  vi.advanceTimersByTime(1)
  expect(looks).toHaveLength(1)
  looks[0]?.end('at rest')
  await new Promise(resolve => setImmediate(resolve))
  expect(tells).toEqual(['at rest'])
  ring()
  vi.advanceTimersByTime(60_000)
  expect(looks).toHaveLength(1)
})
