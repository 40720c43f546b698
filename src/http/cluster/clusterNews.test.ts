import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NodeView } from '../../core/report/clusterView.ts'
import { ClusterNews } from './clusterNews.ts'

const WELL = { time: 1, problems: [], nics: {}, announced: 0, peersUp: 0, peersDown: 0, drained: false }

let views: NodeView[]
let asked: number
let news: ClusterNews
beforeEach(() => {
  vi.useFakeTimers()
  views = [{ node: 'pve2', state: 'answering', summary: WELL }]
  asked = 0
  news = new ClusterNews(async () => {
    asked++
    return [{ node: 'pve1', state: 'answering', summary: { ...WELL, announced: asked } }, ...views]
  }, 'pve1')
})
afterEach(() => {
  news.stop()
  vi.useRealTimers()
})

test('costs one question for all who ask at once, and none while nobody listens', async () => {
  await Promise.all([news.current(), news.current()])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toBe(1)
})

test('is told to who listens as soon as a node is another way, and only then', async () => {
  await news.current()
  let told = 0
  const end = news.listen(() => told++)
  views = [{ node: 'pve2', state: 'answering', summary: { ...WELL, time: 2 } }]
  await vi.advanceTimersByTimeAsync(20_000)
  expect(told).toBe(0)
  views = [{ node: 'pve2', state: 'silent', reason: 'no answer within 4000 ms' }]
  await vi.advanceTimersByTimeAsync(20_000)
  expect(told).toBe(1)
  end()
  const before = asked
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toBe(before)
})
