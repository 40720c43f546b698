import type { Page } from 'playwright-core'
import { openBrowser } from '../../lab/browser.ts'
import { eventually } from '../../lab/eventually.ts'
import { type AnnouncingWorld, announcing } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
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

/** Notes when guests are first drawn, in milliseconds since the navigation began. */
const NOTE_FIRST = `
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.guest-list')) return
    observer.disconnect()
    requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.drawnAfter = performance.now() }))
  }).observe(document, { subtree: true, childList: true })
`

async function measure({ first, guests }: AnnouncingWorld): Promise<Measurement> {
  const browser = await openBrowser(first)
  try {
    const opened = await browser.newPage()
    await opened.addInitScript(NOTE_FIRST)
    const samples: number[] = []
    for (let load = 0; load < LOADS; load++) samples.push(await firstContent(opened))
    return {
      value: percentile(samples, 0.95),
      notes: [
        `${guests.length} guests, each announced by two addresses; ${LOADS} loads, median ${rounded(percentile(samples, 0.5))} ms; the first, for which the agent looks at its daemons, ${rounded(samples[0] ?? 0)} ms`,
      ],
    }
  } finally {
    await browser.close()
  }
}

async function firstContent(opened: Page): Promise<number> {
  await opened.goto('http://127.0.0.1:8067/')
  return await eventually('guests are drawn', () =>
    opened.evaluate<number | undefined>('globalThis.drawnAfter'),
  )
}
