import { type Command, Option } from 'commander'
import { pino } from 'pino'
import { Agent } from '../agent/agent.ts'
import type { TimelineEvent } from '../agent/event.ts'
import { beService } from '../agent/service.ts'
import { describePlace, type Place } from '../core/values/place.ts'
import { eventLine } from './eventLine.ts'
import { complain, EXIT, print } from './exit.ts'
import { keepHeapSmall } from './heap.ts'
import { doorsOf, httpArgument, LOCAL } from './http.ts'
import { journalLine } from './journalLine.ts'
import { ALL_OPTIONS, examples, formatOf, nodeVerb, requireRoot, settingsOf } from './options.ts'

/** `guestnet run`: the agent. */
export function runVerb() {
  const command = nodeVerb(
    'run',
    'the agent: keep the network as it should be, until told to stop',
    ALL_OPTIONS,
  )
    .addOption(
      new Option('--http <address:port>', 'where the page and the metrics are; off: nowhere')
        .argParser(httpArgument)
        .default(LOCAL, describePlace(LOCAL)),
    )
    .action(async ({ http }: { http: Place | 'off' }) => {
      requireRoot('run')
      keepHeapSmall()
      const log = logFor(command)
      const settings = settingsOf(command)
      const agent = new Agent(settings, {
        poll: pollInterval(process.env.VM_CHECK_POLL),
        onEvent: log,
      })
      const started = await agent.start()
      if (!started.ok) {
        complain(started.reason)
        process.exitCode = EXIT.error
        return
      }
      const doors = doorsOf(agent, settings)
      if (http !== 'off') await doors.open(http)
      const ended = beService(agent)
      const stop = async () => {
        await Promise.all([agent.stop(), doors.stop(), ended.then(end => end())])
      }
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        process.once(signal, () => void stop().then(() => process.exit(EXIT.ok)))
      }
    })
  return examples(
    command,
    'guestnet run',
    'VM_CHECK_POLL=5 guestnet run --watch poll',
    'guestnet run --output json | jq .',
    'guestnet run --http off',
  )
}

/** Seconds, as guestnet's predecessor had it; returns milliseconds. */
function pollInterval(seconds: string | undefined): number {
  const value = Number(seconds ?? 1)
  return Number.isFinite(value) && value >= 0.05 && value <= 3600 ? value * 1000 : 1000
}

/** JSON where it was asked for; else one line an event, which the journal takes in another way than people. */
function logFor(command: Command): (event: TimelineEvent) => void {
  if (formatOf(command) === 'json') return jsonLog()
  const line = process.env.JOURNAL_STREAM === undefined ? eventLine : journalLine
  return event => print(line(event))
}

function jsonLog(): (event: TimelineEvent) => void {
  const log = pino({ base: null, timestamp: false }, pino.destination({ fd: 1, sync: true }))
  return ({ message, ...event }) => {
    const level = event.kind === 'failure' || event.kind === 'problem' ? 'warn' : 'info'
    log[level](event, message)
  }
}
