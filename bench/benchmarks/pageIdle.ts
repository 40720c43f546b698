import { setTimeout as pause } from 'node:timers/promises'
import { openBrowser } from '../../lab/browser.ts'
import type { LabProcess } from '../../lab/process.ts'
import { type AnnouncingWorld, announcing } from '../announcingWorld.ts'
import type { Benchmark, Measurement } from '../benchmark.ts'
import { cpuOf, familyOf, memoryOf } from '../processes.ts'
import { untilSettled } from '../settled.ts'
import { rounded } from '../statistics.ts'

/** What it costs the node that somebody looks, while nothing happens. */
export const pageIdle: Benchmark<AnnouncingWorld> = {
  name: 'page-idle',
  measures: 'CPU of the agent and what it started while a page is open and nothing happens',
  unit: '% of a core',
  guestnet: world => announcing(world, agent => measure(world, agent)),
}

const WINDOW_MS = 60_000

async function measure({ first, guests }: AnnouncingWorld, { pid }: LabProcess): Promise<Measurement> {
  await untilSettled(first)
  const closed = await usage(pid)
  const browser = await openBrowser(first)
  try {
    const page = await browser.newPage()
    await page.goto('http://127.0.0.1:8067/')
    await page.locator('.guest-list').waitFor()
    const open = await usage(pid)
    return {
      value: open.percent,
      notes: [
        `${guests.length} guests, each announced by two addresses; without a page ${rounded(closed.percent)} %`,
        `memory of the agent alone, PSS: ${rounded(closed.megabytes)} MB before, ${rounded(open.megabytes)} MB with the page open`,
      ],
    }
  } finally {
    await browser.close()
  }
}

/** Of a minute in which nothing happens, once what the browser did is over. */
async function usage(pid: number): Promise<{ percent: number; megabytes: number }> {
  await pause(5000)
  const before = cpuOf(pid)
  await pause(WINDOW_MS)
  const after = cpuOf(pid)
  const ms = after.itself - before.itself + after.others - before.others
  return { percent: (ms / WINDOW_MS) * 100, megabytes: memoryOf(familyOf(pid).slice(0, 1)).pss }
}
