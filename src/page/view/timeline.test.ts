import { describe, expect, test } from 'vitest'
import type { TimelineEvent } from '../../agent/event.ts'
import { daysOf, topicOf, withEvent } from './timeline.ts'

const NOON = new Date(2026, 10, 27, 12).getTime()
const event = (hours: number, kind: TimelineEvent['kind'] = 'change'): TimelineEvent => ({
  time: NOON + hours * 3_600_000,
  kind,
  message: `after ${hours} hours`,
})

test('an event that comes by the stream and by an answer is told once', () => {
  expect(withEvent([event(1)], event(1))).toEqual([event(1)])
  expect(withEvent([event(1)], event(2))).toEqual([event(1), event(2)])
})

test('a page that stays open for weeks keeps the newest thousand', () => {
  let events: readonly TimelineEvent[] = []
  for (let hours = 0; hours < 1200; hours++) events = withEvent(events, event(hours))
  expect([events.length, events[0]]).toEqual([1000, event(200)])
})

describe('days', () => {
  const events = [event(-24), event(0, 'lease'), event(1, 'problem')]

  test('are told the newest first, and so is what happened on them', () => {
    const { days, more } = daysOf(events, undefined, 10)
    expect(days.map(({ day }) => day)).toEqual([
      expect.stringContaining('27 November 2026'),
      expect.stringContaining('26 November 2026'),
    ])
    expect(days[0]?.entries).toEqual([[event(1, 'problem')], [event(0, 'lease')]])
    expect(more).toBe(0)
  })

  test('tell as one what the agent did step by step', () => {
    const steps = [event(0), event(0.0001), event(0.0002, 'lease'), event(0.0003), event(1)]
    const [day] = daysOf(steps, undefined, 10).days
    expect(day?.entries.map(entry => entry.length)).toEqual([1, 1, 1, 2])
  })

  test('are told of one topic only', () => {
    expect(daysOf(events, 'problems', 10).days.flatMap(day => day.entries.flat())).toEqual([
      event(1, 'problem'),
    ])
  })

  test('say how much is left out', () => {
    const { days, more } = daysOf(events, undefined, 1)
    expect([days.flatMap(day => day.entries.flat()), more]).toEqual([[event(1, 'problem')], 2])
  })
})

test('a peer is about announcements', () => expect(topicOf(event(0, 'peer'))).toBe('announcements'))
