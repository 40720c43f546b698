import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { errorText } from '../../src/os/errorText.ts'
import { Lab } from '../lab.ts'
import { readdirOrNothing } from '../namespace.ts'
import type { LabNode } from '../node.ts'
import { relay } from '../relay.ts'
import { createNarrator } from './narrate.ts'
import { playground } from './playground.ts'
import { Stage } from './stage.ts'
import { play } from './story.ts'

const INTRODUCTION =
  'guestnet on a simulated Proxmox VE node: guests are network namespaces, wired as Proxmox wires them; the agent, Kea, BIRD, nftables and the DHCP clients are the real ones. Ctrl-C ends it and removes everything.'
const READING_MS = 4000
/** Where the agent answers browsers unless told otherwise. */
const PAGE_PORT = 8067
/** The longest that a timer of Node can take. */
const MAX_PAUSE_MS = 2 ** 31 - 1
/** Longer lines are hard to read, also where there is room for them. */
const MAX_COLUMNS = 110

const { keep, fast } = new Command('npm run demo --')
  .description(
    'The main jobs on simulated Proxmox VE nodes, with the real agent, Kea, BIRD and DHCP clients.\nNeeds root; removes everything at its end, also on Ctrl-C.',
  )
  .option('--keep', 'leave it running afterwards, to play with, until Ctrl-C', false)
  .option('--fast', 'without the pauses for reading (there are none when the output is no terminal)', false)
  .parse()
  .opts<{ keep: boolean; fast: boolean }>()

const terminal = process.stdout.isTTY
const tell = createNarrator({
  write: text => process.stdout.write(text),
  colour: terminal && (process.env.NO_COLOR ?? '') === '',
  columns: Math.min(process.stdout.columns || MAX_COLUMNS, MAX_COLUMNS),
  pause: async () => {
    if (terminal && !fast) await pause(READING_MS)
  },
})
process.exitCode = await run()

async function run(): Promise<number> {
  const bundle = fileURLToPath(new URL('guestnet.js', import.meta.url))
  if (process.getuid?.() !== 0 || !existsSync(bundle)) {
    console.error('The demo makes network namespaces and runs dist/guestnet.js: as root, npm run demo')
    return 1
  }
  const lab = await Lab.create({ prefix: 'demo' })
  let leaving = false
  lab.onExit(() => {
    leaving = true
    tell.say('removing everything')
  })
  // A reader that has seen enough, such as head(1), ends it as well.
  process.stdout.once('error', () => process.kill(process.pid, 'SIGTERM'))
  process.stdout.on('error', () => undefined)

  const startedAt = performance.now()
  tell.say(INTRODUCTION)
  try {
    const stage = await Stage.build(lab, bundle)
    const page = keep ? await pageOf(stage.node) : ''
    if (keep) tell.say(`watch ${stage.node.name} in a browser, from the first act on: ${page}`)
    await play({ stage, tell })
    if (keep) await letPlay(stage, page)
  } catch (error) {
    // What was under way fails when everything is being removed, and that is no news.
    if (leaving) await forever()
    tell.expect(errorText(error), false)
  }
  if (tell.broken.length > 0) await saveDump(lab)
  await lab.close()
  return await conclude(lab, startedAt)
}

/** The page of a node is on the node's own loopback address, which is not this machine's. */
async function pageOf(node: LabNode): Promise<string> {
  return `http://127.0.0.1:${await relay(node, PAGE_PORT)}/`
}

/** Only a signal ends this. */
async function letPlay(stage: Stage, page: string): Promise<never> {
  await tell.heading('Yours to play with, until Ctrl-C removes it')
  const { node, fabric } = stage
  tell.say(`in a browser, each node as it is:`)
  tell.lines([`${node.name} ${page}`, `${fabric.second.name} ${await pageOf(fabric.second)}`])
  tell.say('in another terminal, as root:')
  for (const { what, command } of playground(stage)) {
    tell.say(`${what}:`)
    tell.lines([command])
  }
  return await forever()
}

async function saveDump(lab: Lab): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), 'guestnet-demo-')), 'dump.txt')
  writeFileSync(file, await lab.dump())
  tell.say(`how everything looked then: ${file}`)
}

/** What is still there of a lab that was closed. */
function leftoversOf({ id, dir }: Lab): string[] {
  const namespaces = readdirOrNothing('/run/netns').filter(name => name.startsWith(`${id}-`))
  return [...namespaces, ...(existsSync(dir) ? [dir] : [])]
}

/** Tells how it ended; the exit status. */
async function conclude(lab: Lab, startedAt: number): Promise<number> {
  const leftovers = leftoversOf(lab)
  await tell.heading(
    `Everything is removed again, ${((performance.now() - startedAt) / 1000).toFixed(0)} seconds after it was begun`,
  )
  tell.expect(`left behind: ${leftovers.join(' ') || 'nothing'}`, leftovers.length === 0)
  const { broken } = tell
  if (broken.length === 0) return 0
  tell.topic(`${broken.length} did not come true`)
  tell.lines(broken)
  return 1
}

async function forever(): Promise<never> {
  for (;;) await pause(MAX_PAUSE_MS)
}
