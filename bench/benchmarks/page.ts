import type { Page } from 'playwright-core'
import { openBrowser } from '../../lab/browser.ts'
import { eventually } from '../../lab/eventually.ts'
import { type AnnouncingWorld, announcing } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { untilSettled } from '../settled.ts'
import { percentile, rounded } from '../statistics.ts'

/** What somebody waits for who opens the page of a full node. */
export const page: Benchmark<AnnouncingWorld> = {
  name: 'page',
  measures: 'opening the page → verdict, picture and first guests drawn, in Chromium',
  unit: 'ms',
  bar: 1000,
  guestnet: world => announcing(world, () => measure(world)),
}

const LOADS = 11

/** Milliseconds since the navigation began. */
interface Load {
  /** When guests are first drawn. */
  readonly drawn: number
  /** When the agent had told all that is drawn. */
  readonly told: number
}

/** Notes when guests are first drawn, and what was told by then. */
const NOTE_FIRST = `
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.guest-list')) return
    observer.disconnect()
    const answers = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/'))
    const told = Math.max(...answers.map(({ responseEnd }) => responseEnd))
    requestAnimationFrame(() => requestAnimationFrame(() => {
      globalThis.load = { drawn: performance.now(), told }
    }))
  }).observe(document, { subtree: true, childList: true })
`

async function measure({ first, guests }: AnnouncingWorld): Promise<Measurement> {
  const browser = await openBrowser(first)
  try {
    const opened = await browser.newPage()
    await opened.addInitScript(NOTE_FIRST)
    await untilSettled(first)
    const loads: Load[] = []
    for (let load = 0; load < LOADS; load++) loads.push(await firstContent(opened))
    const drawn = loads.map(load => load.drawn)
    const [initial = { drawn: 0, told: 0 }] = loads
    const told = percentile(
      loads.map(load => load.told),
      0.5,
    )
    return {
      value: percentile(drawn, 0.95),
      notes: [
        `${guests.length} guests, each announced by two addresses; ${LOADS} loads, median ${rounded(percentile(drawn, 0.5))} ms, of which until the agent has told all ${rounded(told)} ms`,
        `the first, for which the agent looks at its daemons, ${rounded(initial.drawn)} ms, ${rounded(initial.told)} of them until it has told all`,
      ],
    }
  } finally {
    await browser.close()
  }
}

async function firstContent(opened: Page): Promise<Load> {
  await opened.goto('http://127.0.0.1:8067/')
  return await eventually('guests are drawn', () => opened.evaluate<Load | undefined>('globalThis.load'), {
    timeoutMs: 60_000,
    dump: async () => (await opened.textContent('body')) ?? '',
  })
}
