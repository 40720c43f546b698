import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import type { LabNode } from './node.ts'

/** Nothing of its own on the network, and no GPU. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Debian's Chromium in a node's network, with a profile that goes with the lab; to be closed before the lab. */
export async function openBrowser({ lab, netns, enter }: LabNode): Promise<BrowserContext> {
  const dir = lab.folder('browser', netns)
  const start = join(dir, 'chromium')
  writeFileSync(start, `#!/bin/sh\nexec ${enter.join(' ')} chromium "$@"\n`, { mode: 0o755 })
  return await chromium.launchPersistentContext(join(dir, 'profile'), {
    executablePath: start,
    headless: true,
    args: FLAGS,
  })
}
