import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { Loop, type Timers } from './loop.ts'

/** A clock that stands still until it is told to go on. */
class Clock implements Timers {
  now = 0
  readonly #due = new Map<() => void, number>()

  after(ms: number, action: () => void): () => void {
    const entry = () => action()
    this.#due.set(entry, this.now + ms)
    return () => this.#due.delete(entry)
  }

  /** Lets so many milliseconds pass, and what is due happen in its order. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      const [next] = [...this.#due].filter(([, time]) => time <= end).toSorted((a, b) => a[1] - b[1])
      if (!next) break
      const [action, time] = next
      this.#due.delete(action)
      this.now = time
      action()
      await turn()
    }
    this.now = end
  }
}

const SETTLE = 10
const FULL_LOOK = 60_000

let clock: Clock
/** When each run began, and what for. */
let runs: { at: number; reasons: readonly string[] }[]
let errors: unknown[]
/** What each run comes to, the next one first; `false` when used up. */
let results: (boolean | Error | Promise<boolean>)[]
let loop: Loop<string>
beforeEach(() => {
  clock = new Clock()
  runs = []
  errors = []
  results = []
  loop = loopThat(async () => {
    const result = (await results.shift()) ?? false
    if (result instanceof Error) throw result
    return result
  })
})

function loopThat(work: () => Promise<boolean>): Loop<string> {
  return new Loop({
    work: async reasons => {
      runs.push({ at: clock.now, reasons })
      return await work()
    },
    idle: 'nobody rang',
    timers: clock,
    settle: SETTLE,
    fullLook: FULL_LOOK,
    onError: error => errors.push(error),
  })
}

/** A run's result that comes when the test says so. */
function later(): { result: Promise<boolean>; finish: (isAmiss: boolean) => Promise<void> } {
  let resolve: (isAmiss: boolean) => void = () => undefined
  const result = new Promise<boolean>(done => {
    resolve = done
  })
  return {
    result,
    finish: async isAmiss => {
      resolve(isAmiss)
      await turn()
    },
  }
}

const times = () => runs.map(({ at }) => at)

describe('a ring', () => {
  test('leads to one run, after as long as a burst may last', async () => {
    loop.ring('link')
    await clock.pass(SETTLE - 1)
    expect(runs).toEqual([])
    await clock.pass(1)
    expect(runs).toEqual([{ at: SETTLE, reasons: ['link'] }])
    await clock.pass(1000)
    expect(runs).toHaveLength(1)
  })

  test('shares its run with the burst it comes in', async () => {
    for (const reason of ['link', 'file', 'link']) {
      loop.ring(reason)
      await clock.pass(2)
    }
    await clock.pass(SETTLE)
    expect(runs.map(({ reasons }) => reasons)).toEqual([['link', 'file']])
  })

  test('is not put off by others that never cease', async () => {
    for (let count = 0; count < 20; count++) {
      loop.ring('link')
      await clock.pass(SETTLE / 2)
    }
    expect(times()[0]).toBe(SETTLE)
    expect(runs.length).toBeGreaterThan(3)
  })

  test('during a run leads to one more run after it, and none beside it', async () => {
    const first = later()
    results = [first.result]
    loop.ring('link')
    await clock.pass(SETTLE)
    loop.ring('file')
    loop.ring('file')
    await clock.pass(1000)
    expect(runs).toHaveLength(1)
    await first.finish(false)
    await clock.pass(SETTLE)
    expect(runs.map(({ reasons }) => reasons)).toEqual([['link'], ['file']])
  })

  test('out of the work itself leads to one more run after it, and none beside it', async () => {
    const first = later()
    const ringing = loopThat(() => {
      if (runs.length > 1) return Promise.resolve(false)
      ringing.ring('own')
      return first.result
    })
    ringing.ring('link')
    await clock.pass(1000)
    expect(runs).toHaveLength(1)
    await first.finish(false)
    await clock.pass(SETTLE)
    expect(runs.map(({ reasons }) => reasons)).toEqual([['link'], ['own']])
  })
})

test('rings that come all the time do not put the full look off', async () => {
  loop.ring('start')
  for (let passed = 0; passed < 2 * FULL_LOOK + SETTLE; passed += 500) {
    await clock.pass(500)
    loop.ring('link')
  }
  expect(runs.filter(({ reasons }) => reasons.includes('nobody rang'))).toHaveLength(2)
})

test('without rings there is a full look from time to time', async () => {
  loop.ring('start')
  await clock.pass(SETTLE + 2 * FULL_LOOK)
  expect(runs).toEqual([
    { at: SETTLE, reasons: ['start'] },
    { at: SETTLE + FULL_LOOK, reasons: ['nobody rang'] },
    { at: SETTLE + 2 * FULL_LOOK, reasons: ['nobody rang'] },
  ])
})

describe('while something is amiss', () => {
  test('it is tried again, less and less often', async () => {
    results = [true, true, true, false]
    loop.ring('start')
    await clock.pass(5000)
    expect(times()).toEqual([SETTLE, SETTLE + 200, SETTLE + 600, SETTLE + 1400])
  })

  test('it is tried every ten seconds at least', async () => {
    results = Array.from({ length: 20 }, () => true)
    loop.ring('start')
    await clock.pass(80_000)
    const [before = 0, last = 0] = times().slice(-2)
    expect(last - before).toBe(10_000)
  })

  test('an error is told, and nothing ends by it', async () => {
    results = [new Error('nft is gone')]
    loop.ring('start')
    await clock.pass(SETTLE + 200)
    expect(errors).toEqual([new Error('nft is gone')])
    expect(runs).toHaveLength(2)
  })

  test('a ring does not have to wait for the next try', async () => {
    results = [true, true, true, true, true]
    loop.ring('start')
    await clock.pass(1500)
    const before = runs.length
    loop.ring('link')
    await clock.pass(SETTLE)
    expect(runs).toHaveLength(before + 1)
  })

  test('and then no longer, the next trouble is met as quickly as the first', async () => {
    results = [true, true, true, false, true]
    loop.ring('start')
    await clock.pass(5000)
    loop.ring('link')
    await clock.pass(SETTLE + 200)
    expect(times().slice(-2)).toEqual([5000 + SETTLE, 5000 + SETTLE + 200])
  })
})

describe('who asks for a run', () => {
  test('waits for its end', async () => {
    const first = later()
    results = [first.result]
    let isDone = false
    const asked = loop.converge('status').then(() => {
      isDone = true
    })
    await clock.pass(SETTLE)
    expect(isDone).toBe(false)
    await first.finish(false)
    await asked
    expect(runs.map(({ reasons }) => reasons)).toEqual([['status']])
  })

  test('during a run waits for one that begins after the question', async () => {
    const first = later()
    results = [first.result]
    loop.ring('link')
    await clock.pass(SETTLE)
    let isDone = false
    const asked = loop.converge('status').then(() => {
      isDone = true
    })
    await first.finish(false)
    expect(isDone).toBe(false)
    await clock.pass(SETTLE)
    await asked
    expect(runs).toHaveLength(2)
  })

  test('is told although the run failed', async () => {
    results = [new Error('nft is gone')]
    const asked = loop.converge('status')
    await clock.pass(SETTLE)
    await asked
    expect(runs).toHaveLength(1)
  })
})

describe('an end', () => {
  test('leaves nothing to come', async () => {
    loop.ring('link')
    await loop.stop()
    loop.ring('file')
    await clock.pass(FULL_LOOK)
    expect(runs).toEqual([])
  })

  test('waits for the run under way', async () => {
    const first = later()
    results = [first.result]
    loop.ring('link')
    await clock.pass(SETTLE)
    let isDone = false
    const stopped = loop.stop().then(() => {
      isDone = true
    })
    await turn()
    expect(isDone).toBe(false)
    await first.finish(true)
    await stopped
    await clock.pass(FULL_LOOK)
    expect(runs).toHaveLength(1)
  })
})

describe('who waits for the run under way', () => {
  test('waits for that one only, however often it is rung for meanwhile', async () => {
    const { result, finish } = later()
    results = [result]
    loop.ring('start')
    await clock.pass(SETTLE)
    let isOver = false
    void loop.underWay('status').then(() => {
      isOver = true
    })
    loop.ring('link')
    await turn()
    expect(isOver).toBe(false)
    await finish(false)
    expect([isOver, runs.length]).toEqual([true, 1])
  })

  test('rings for one where there is none', async () => {
    const waiting = loop.underWay('status')
    await clock.pass(SETTLE)
    await waiting
    expect(runs.map(({ reasons }) => reasons)).toEqual([['status']])
  })
})
