import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { describeNic, type Offer } from '../core/dhcp/offer.ts'
import { linkNameOf } from '../core/guest/guest.ts'
import type { Settings } from '../core/node/settings.ts'
import type { Problem } from '../core/problem/problem.ts'
import type { Report } from '../core/report/report.ts'
import { LEFTOVERS } from '../cycle/announcing.ts'
import { completeReport } from '../cycle/complete.ts'
import { type CycleResult, cycle } from '../cycle/cycle.ts'
import { type Drivers, makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import { STEADY_MS } from '../os/halfWritten.ts'
import { Doorbells } from './doorbells.ts'
import { FolderWatch } from './folderWatch.ts'
import { Loop } from './loop.ts'
import { NftEvents } from './nftEvents.ts'
import { answer, takeName } from './socket.ts'
import { Timeline, type TimelineEvent } from './timeline.ts'
import { TimelineFile } from './timelineFile.ts'

export interface AgentOptions {
  /** Milliseconds between looks at `.version`. */
  readonly poll: number
  readonly onEvent: (event: TimelineEvent) => void
}

/** Milliseconds that lease news wait for others: a node full of guests that renew is no news each. */
const LEASES_SETTLE = 200

/** Rings once more for a file that seemed to be half written. */
const AGAIN = 'file again'

/** Rings that say nothing about the nftables table; any other one, such as the timer's, makes for a full look. */
const HARMLESS = new Set(['link', 'routing', 'file', AGAIN, 'version', 'daemon ended', 'asked', 'status'])

/** The agent of a node: runs the line whenever something may have changed, and answers who asks. */
export class Agent {
  readonly #settings: Settings
  readonly #drivers: Drivers
  readonly #reader: Reader
  readonly #timeline: Timeline
  readonly #nftEvents: NftEvents
  readonly #loop: Loop
  readonly #doorbells: Doorbells
  readonly #leaseFolders = new FolderWatch(() => this.#leasesChanged())
  #leaseTimer: NodeJS.Timeout | undefined
  #againTimer: NodeJS.Timeout | undefined
  #server: Server | undefined
  #last: CycleResult | undefined
  #saveFailure: string | undefined

  constructor(settings: Settings, { poll, onEvent }: AgentOptions) {
    this.#settings = settings
    const file = new TimelineFile(settings.stateDir)
    this.#timeline = new Timeline(file.read())
    this.#timeline.listen(onEvent)
    this.#timeline.listen(event => file.append(event))
    this.#nftEvents = new NftEvents(settings.name)
    this.#drivers = makeDrivers(settings, {
      onTransaction: pid => this.#nftEvents.own(pid),
      remembers: true,
      onDaemonEnd: () => this.#loop.ring('daemon ended'),
    })
    this.#reader = new Reader(settings)
    this.#loop = new Loop({
      work: reasons => this.#work(reasons),
      onError: error =>
        this.#timeline.note('failure', error instanceof Error ? error.message : String(error)),
    })
    this.#doorbells = new Doorbells({
      settings,
      nftEvents: this.#nftEvents,
      poll,
      changeMark: () => this.#reader.changeMark(),
      isHealthy: () => this.#isHealthy(),
      birdSocket: this.#drivers.bird.paths.socket,
      ring: (reason, settle) => this.#loop.ring(reason, settle),
    })
  }

  /** Starts. Returns why it must not: another agent runs under the same name. */
  async start(): Promise<string | undefined> {
    if (!(await takeName(this.#settings))) {
      return `Another agent named ${this.#settings.name} is running on this node. Two would undo each other's work; see guestnet status, or give this one another --name.`
    }
    await this.#answerOthers()
    this.#timeline.note('agent', `agent ${process.pid} started for node ${this.#settings.node}`)
    this.#doorbells.start()
    this.#loop.ring('start')
    return undefined
  }

  /** Stops. Everything goes on being served. */
  async stop(): Promise<void> {
    this.#doorbells.stop()
    this.#leaseFolders.stop()
    clearTimeout(this.#leaseTimer)
    clearTimeout(this.#againTimer)
    this.#server?.close()
    this.#server?.closeAllConnections()
    await this.#loop.stop()
    await this.#drivers.keas.settled()
  }

  /** An agent that cannot be asked still serves. */
  async #answerOthers(): Promise<void> {
    try {
      mkdirSync(this.#settings.runDir, { recursive: true, mode: 0o755 })
      this.#server = await answer(this.#settings, {
        values: {
          'GET /report': () => this.#report(),
          'GET /events': async () => this.#timeline.events,
          'POST /converge': () => this.#converge(),
        },
        streams: { 'GET /events/follow': onValue => this.#timeline.listen(onValue) },
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#timeline.note('failure', `guestnet status cannot reach this agent: ${reason}`)
    }
  }

  async #work(reasons: readonly string[]): Promise<boolean> {
    if (!reasons.every(reason => HARMLESS.has(reason))) {
      this.#drivers.ports.forget()
      this.#drivers.routing.forget()
    }
    if (reasons.includes('routing')) this.#drivers.routing.forget()
    const { announce } = this.#last?.reading.policy ?? {}
    // What a former policy left is looked for at the start, after a change of policy, and each minute.
    const mayLeave = !this.#last || announce !== undefined || reasons.includes('timer')
    const result = await cycle(
      { settings: this.#settings, reader: this.#reader, drivers: this.#drivers },
      'apply',
      mayLeave ? LEFTOVERS : undefined,
    )
    this.#doorbells.listenToRouting(result.reading.policy.announce?.table)
    if (!this.#last) this.#timeline.rememberLeases(await this.#leases(result.report))
    this.#last = result
    this.#timeline.noteChanges(result.applied)
    this.#timeline.noteProblems(this.#withOwnProblems(result.report).problems)
    const folders = slotsOf(result.report).map(slot => this.#drivers.keas.leaseFolder(slot))
    this.#leaseFolders.keep(folders.filter(folder => folder !== undefined))
    this.#doorbells.hasten(isOnTheMove(result))
    if (result.reading.provisional && reasons.some(reason => reason !== AGAIN)) this.#lookAgain()
    return result.provisional
  }

  /** A file that only seemed to be half written makes no sound any more, and the loop may be at its slowest. */
  #lookAgain(): void {
    clearTimeout(this.#againTimer)
    this.#againTimer = setTimeout(() => this.#loop.ring(AGAIN, 1), STEADY_MS + 10)
  }

  #withOwnProblems(report: Report): Report {
    if (this.#saveFailure === undefined) return report
    const problem: Problem = {
      code: 'state-unwritable',
      message: `Leases cannot be kept for the time after a reboot: ${this.#saveFailure}. They are served all the same.`,
      remedy: 'Make room in the state directory, or make it writable.',
      file: this.#settings.stateDir,
    }
    return { ...report, problems: [...report.problems, problem] }
  }

  async #isHealthy(): Promise<boolean> {
    const { keas, bird } = this.#drivers
    const slots = this.#last ? slotsOf(this.#last.report) : []
    const [keasAreWell, birdIsWell] = await Promise.all([keas.areAnswering(slots), bird.isWell()])
    return keasAreWell && birdIsWell
  }

  #leasesChanged(): void {
    this.#leaseTimer ??= setTimeout(() => {
      this.#leaseTimer = undefined
      void this.#noteLeases()
    }, LEASES_SETTLE)
  }

  async #noteLeases(): Promise<void> {
    const { report } = this.#last ?? {}
    if (!report) return
    const offers = new Map(report.nics.flatMap(({ offer }) => (offer ? [[offer.mac, offer] as const] : [])))
    this.#saveFailure = this.#drivers.keas.saveLeases(slotsOf(report))
    this.#timeline.noteProblems(this.#withOwnProblems(report).problems)
    this.#timeline.noteLeases(await this.#leases(report), ({ mac }) => ownerOf(offers.get(mac)))
  }

  async #leases(report: Report) {
    return (await Promise.all(report.servers.map(({ slot }) => this.#drivers.keas.leases(slot)))).flat()
  }

  async #report(): Promise<Report> {
    // A Kea that was started in the last run is only known by number in the next.
    const isFresh = this.#last?.report.servers.some(({ pid }) => pid === 0)
    if (!this.#last || isFresh) await this.#loop.converge('status')
    const { report } = this.#last ?? {}
    if (!report) throw new Error('the agent has not been able to look at the node yet')
    return await completeReport(this.#withOwnProblems(report), this.#drivers)
  }

  async #converge(): Promise<unknown> {
    await this.#loop.converge('asked')
    return await this.#report()
  }
}

/** Whether a guest with a port here is being migrated: its configuration is elsewhere, or about to be. */
function isOnTheMove({ reading, observation }: CycleResult): boolean {
  const { guests, node } = reading.input
  return guests.some(
    guest =>
      (guest.node !== node || guest.lock === 'migrate') &&
      guest.nics.some(({ index }) => observation.links.has(linkNameOf(guest, index))),
  )
}

function slotsOf({ servers }: Report): number[] {
  return servers.map(({ slot }) => slot)
}

function ownerOf(offer: Offer | undefined): { name: string; vmid: number } | undefined {
  return offer && { name: describeNic(offer), vmid: offer.vmid }
}
