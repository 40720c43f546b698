import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser } from '../browser.ts'
import { Lab } from '../lab.ts'
import { DB, RIVAL } from './cast.ts'
import { createNarrator } from './narrate.ts'
import { Stage } from './stage.ts'
import { play } from './story.ts'

/** Plays the demo and takes the pictures of the page that the documents show: npm run screenshots */
const FOLDER = 'docs/images'
const PAGE = 'http://127.0.0.1:8067/'

const tell = createNarrator({
  write: text => process.stderr.write(text),
  colour: false,
  columns: 110,
  pause: async () => undefined,
})
const lab = await Lab.create({ prefix: 'shots' })
lab.onExit()
try {
  const stage = await Stage.build(lab, join(import.meta.dirname, 'guestnet.js'))
  await play({ stage, tell })
  const browser = await openBrowser(stage.node)
  const page = await browser.newPage()
  await page.goto(PAGE)
  await page.getByRole('heading', { level: 1, name: 'All is well on pve1' }).waitFor()
  await page.locator('.node', { hasText: 'pve2' }).getByText('All is well').waitFor()
  await shoot(page, 'page-well', { colorScheme: 'light', width: 1280, height: 960 })
  stage.edit(RIVAL, DB.ip)
  await page.getByRole('heading', { level: 1, name: '1 problem on pve1' }).waitFor()
  await page.locator(`#guest-${RIVAL.vmid}`).getByRole('button').click()
  await shoot(page, 'page-conflict', { colorScheme: 'dark', width: 1280, height: 1280 })
  await page.locator(`#guest-${RIVAL.vmid}`).getByRole('button').click()
  await shoot(page, 'page-phone', { colorScheme: 'light', width: 390, height: 844 })
  await browser.close()
} finally {
  await lab.close()
}

interface Look {
  readonly colorScheme: 'light' | 'dark'
  readonly width: number
  readonly height: number
}

async function shoot(page: Page, name: string, { colorScheme, width, height }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height })
  await page.mouse.move(0, 0)
  await page.evaluate('scrollTo(0, 0)')
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
}
