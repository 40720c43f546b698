import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TimelineEvent } from './event.ts'
import { TimelineFile } from './timelineFile.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestnet-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const event = (time: number): TimelineEvent => ({ time, kind: 'agent', message: `the ${time}th` })
const times = () => new TimelineFile(folder).read().map(({ time }) => time)

test('events that come in one go are there, in their order, before anything else is done', async () => {
  const file = new TimelineFile(folder)
  for (let time = 1; time <= 500; time++) file.append(event(time))
  await Promise.resolve()
  expect(times()).toEqual(Array.from({ length: 500 }, (_, index) => index + 1))
  file.append(event(501))
  await Promise.resolve()
  expect(times().at(-1)).toBe(501)
})

test('a file that is full is put aside, and what is in it is still known', async () => {
  const file = new TimelineFile(folder)
  const long = 'x'.repeat(600_000)
  for (let time = 1; time <= 3; time++) {
    file.append({ ...event(time), message: long })
    await Promise.resolve()
  }
  expect(readFileSync(join(folder, 'timeline.ndjson'), 'utf8').split('\n')).toHaveLength(2)
  expect(times()).toEqual([1, 2, 3])
})
