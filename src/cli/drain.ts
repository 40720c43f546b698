import { setTimeout as delay } from 'node:timers/promises'
import { InvalidArgumentError } from 'commander'
import type { Drained } from '../core/node/drained.ts'
import type { Settings } from '../core/node/settings.ts'
import { describeProblem, type ProblemCode } from '../core/problem/problem.ts'
import type { AnnouncingReport } from '../core/report/announcing.ts'
import type { Report } from '../core/report/report.ts'
import { counted } from '../core/text/counted.ts'
import { readDrained, writeDrained } from '../cycle/drained.ts'
import { type Converge, convergence } from './converge.ts'
import { currentReport } from './currentReport.ts'
import { complain, EXIT, print, printJson } from './exit.ts'
import { examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'

/** `guestnet drain`: others take over this node's traffic, then nothing is announced here (RFC 8326). */
export function drainVerb() {
  const command = nodeVerb('drain', 'ask peers to prefer other paths, then announce nothing from this node')
    .option(
      '--grace <seconds>',
      'between the two: how long the peers have to move traffic',
      secondsArgument,
      5,
    )
    .action(async ({ grace }: { grace: number }) => {
      requireRoot('drain')
      const settings = settingsOf(command)
      const isJson = formatOf(command) === 'json'
      const say = isJson ? () => undefined : print
      const before = await announcingOf(settings)
      const converge = await convergence(settings)
      if (readDrained(settings) !== 'left') {
        const leaving = await settled(await move(settings, converge, 'leaving'), converge, 'told')
        say(`leaving: ${describeExports(leaving)}, now as paths of last resort (GRACEFUL_SHUTDOWN)`)
        await graceful(before.announcements.length === 0 ? 0 : grace, say)
      }
      finish(await settled(await move(settings, converge, 'left'), converge, 'withdrawn'), isJson)
    })
  return examples(command, 'guestnet drain', 'guestnet drain --grace 60', 'guestnet undrain')
}

/** `guestnet undrain`: takes `drain` back. */
export function undrainVerb() {
  const command = nodeVerb('undrain', 'announce from this node again').action(async () => {
    requireRoot('undrain')
    const settings = settingsOf(command)
    const was = readDrained(settings)
    const converge = await convergence(settings)
    const report = await settled(await move(settings, converge, 'no'), converge, 'told')
    complainOf(report)
    if (formatOf(command) === 'json') printJson(summaryOf(report))
    else
      print(`${was === 'no' ? 'this node was not drained' : 'drained no more'}: ${describeExports(report)}`)
  })
  return examples(command, 'guestnet undrain', 'guestnet undrain --output json')
}

function secondsArgument(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('It must be a number of seconds from 0 to 3600.')
}

/** What is announced; throws where there is nothing that a drain could change. */
async function announcingOf(settings: Settings): Promise<AnnouncingReport> {
  const { announcing } = (await currentReport(settings)).report
  if (!announcing) {
    throw new Error(`nothing is announced from this node: ${settings.config} has no part announce in force`)
  }
  if (!announcing.bird) {
    throw new Error('BGP is by your own daemon here (bgp: external), so it has to be drained there')
  }
  return announcing
}

async function move(settings: Settings, converge: Converge, drained: Drained): Promise<Report> {
  writeDrained(settings, drained)
  return await converge()
}

/** Waits, and shows on a terminal for how long yet. */
async function graceful(seconds: number, say: (line: string) => void): Promise<void> {
  if (seconds > 0) say(`waiting ${seconds} s for the peers to move their traffic`)
  const end = performance.now() + seconds * 1000
  for (let left = seconds; left > 0; left = (end - performance.now()) / 1000) {
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.ceil(left)} s left \r`)
    await delay(Math.min(left, 1) * 1000)
  }
}

/** Milliseconds that BIRD has to tell its peers, or to withdraw: 10,000 routes take it a tenth of that. */
const TELLS = 3000

/** How it is when the peers have been told, or nothing is exported any more; after a while, how it is by then. */
async function settled(first: Report, converge: Converge, wanted: 'told' | 'withdrawn'): Promise<Report> {
  const deadline = performance.now() + TELLS
  let report = first
  while (isOpen(report, wanted) && performance.now() < deadline) {
    await delay(100)
    report = await converge()
  }
  return report
}

function isOpen(report: Report, wanted: 'told' | 'withdrawn'): boolean {
  const isHeld = heldBy(report).size > 0
  if (wanted === 'withdrawn') return isHeld
  const { announcements = [], peers = [] } = report.announcing ?? {}
  return !isHeld && announcements.length > 0 && peers.some(({ isUp }) => isUp)
}

function finish(report: Report, isJson: boolean): void {
  const held = heldBy(report)
  const down = report.announcing?.peers.filter(({ isUp }) => !isUp) ?? []
  complainOf(report)
  if (isJson) printJson(summaryOf(report))
  else if (held.size === 0) print('left: nothing is announced from this node any more (guestnet undrain)')
  for (const [peer, prefixes] of held) complain(`${peer} still has ${prefixes.join(', ')}`)
  for (const { peer, bgpState } of down) {
    complain(`the session with ${peer} is not up (${bgpState}), so what it still has is not known`)
  }
  process.exitCode = held.size === 0 ? EXIT.ok : EXIT.error
}

function summaryOf({ announcing }: Report) {
  return {
    drained: announcing?.drained ?? 'no',
    peers: announcing?.peers ?? [],
    announcements: announcing?.announcements ?? [],
  }
}

/** What each peer is told, by the peer's name. */
function heldBy({ announcing }: Report): Map<string, string[]> {
  const held = new Map<string, string[]>()
  for (const { prefix, exportedTo = [] } of announcing?.announcements ?? []) {
    for (const peer of exportedTo) held.set(peer, [...(held.get(peer) ?? []), prefix])
  }
  return held
}

function describeExports(report: Report): string {
  const held = [...heldBy(report)].map(
    ([peer, prefixes]) => `${counted(prefixes.length, 'prefix', 'prefixes')} to ${peer}`,
  )
  return held.length === 0 ? 'no peer is told anything' : held.join(', ')
}

const IN_THE_WAY = new Set<ProblemCode>(['loop-failed', 'bird-failed', 'change-failed'])

/** Only what is in the way of announcing: the rest is for `status`. */
function complainOf({ problems }: Report): void {
  for (const problem of problems) {
    if (IN_THE_WAY.has(problem.code)) complain(describeProblem(problem))
  }
}
