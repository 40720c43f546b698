import type { Server } from 'node:http'
import type { Settings } from '../core/node/settings.ts'
import { blackholesAt } from '../core/policy/bgp.ts'
import { type Report, slotsOf } from '../core/report/report.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { cycle } from '../cycle/cycle.ts'
import { type Drivers, makeDrivers } from '../cycle/drivers.ts'
import { Reader } from '../cycle/read.ts'
import { guardTableOf } from '../nftables/guard/names.ts'
import { errorText } from '../os/errorText.ts'
import { STEADY_MS } from '../os/halfWritten.ts'
import { answersOf } from './answers.ts'
import { Doorbells } from './doorbells.ts'
import { Doubts } from './doubts.ts'
import type { TimelineEvent } from './event.ts'
import { takeInstance } from './instanceLock.ts'
import { Loop } from './loop.ts'
import { NftEvents } from './nftEvents.ts'
import { movementOf } from './onTheMove.ts'
import { Picture } from './picture.ts'
import { mayConcernFiles, type RingReason } from './ringReason.ts'
import { answer } from './socket.ts'
import { Timeline } from './timeline.ts'
import { TimelineFile } from './timelineFile.ts'
import { Watches } from './watches.ts'

export interface AgentOptions {
  /** Milliseconds between looks at `.version`. */
  readonly poll: number
  readonly onEvent: (event: TimelineEvent) => void
}

/** Of who waits until all is as it should be: each waits for daemons, and edits meanwhile may take others. */
const LOOKS_AT_MOST = 6

/** The agent of a node: runs the line whenever something may have changed, and answers who asks. */
export class Agent {
  readonly picture: Picture
  readonly #settings: Settings
  readonly #drivers: Drivers
  readonly #reader: Reader
  readonly #timeline: Timeline
  readonly #nftEvents: NftEvents
  readonly #doubts: Doubts
  readonly #loop: Loop<RingReason>
  readonly #doorbells: Doorbells
  readonly #watches: Watches
  #againTimer: NodeJS.Timeout | undefined
  #server: Server | undefined

  constructor(settings: Settings, { poll, onEvent }: AgentOptions) {
    this.#settings = settings
    const file = new TimelineFile(settings.stateDir)
    this.#timeline = new Timeline(file.read())
    this.#timeline.listen(onEvent)
    this.#timeline.listen(event => file.append(event))
    this.#nftEvents = new NftEvents(settings.name, guardTableOf(settings.name))
    this.#doubts = new Doubts({
      isComplete: () => this.#nftEvents.count.isComplete(),
      areCountersRead: () => this.picture.outlook.takeCountersRead(),
    })
    this.#drivers = makeDrivers(settings, {
      onTransaction: pid => this.#nftEvents.own(pid),
      remembers: true,
      onDaemonEnd: () => this.#loop.ring('daemon ended'),
      onBackground: ({ awaited, result }) => {
        if (!result.ok && !awaited)
          this.#timeline.note('failure', `a Kea that was to stand by does not: ${result.reason}`)
        // A run under way may find that something waits for it.
        const isAwaited = awaited || this.picture.last?.awaitsDaemon === true || this.#loop.busyFor > 0
        if (isAwaited || !result.ok) this.#loop.ring('daemon up', 1)
      },
    })
    this.picture = new Picture({
      settings,
      drivers: this.#drivers,
      timeline: this.#timeline,
      heardAt: () => this.#doorbells.heardAt,
    })
    this.#watches = new Watches({
      drivers: this.#drivers,
      timeline: this.#timeline,
      last: () => this.picture.last,
      tellLeases: known => this.picture.noteLeases(known),
      tellDrops: () => this.picture.show(),
      ring: reason => this.#loop.ring(reason),
    })
    this.#reader = new Reader(settings)
    this.#loop = new Loop<RingReason>({
      work: (reasons, rangAt) => this.#work(reasons, rangAt),
      idle: 'timer',
      onError: error => {
        this.picture.troubles.noteLoopFailure(errorText(error))
        this.picture.outlook.emit('failure')
        this.picture.show()
      },
    })
    this.#doorbells = new Doorbells({
      settings,
      nftEvents: this.#nftEvents,
      isLinkNews: line => this.#drivers.links.told(line),
      isOwnLoss: line => this.#drivers.routing.isOwnLoss(line),
      poll,
      changeMark: () => this.#changeMark(),
      isHealthy: () => this.#isHealthy(),
      birdSocket: this.#drivers.daemon.paths.socket,
      ring: (reason, settle) => this.#loop.ring(reason, settle),
    })
  }

  get timeline(): Timeline {
    return this.#timeline
  }

  /** Starts. It must not where another agent runs under the same name, or another instance has the same mark. */
  async start(): Promise<Result> {
    const taken = await takeInstance(this.#settings)
    if (!taken.ok) return taken.isOwnAgent ? failed(anotherRuns(this.#settings)) : taken
    await this.#answerOthers()
    this.#timeline.note('agent', `agent ${process.pid} started for node ${this.#settings.node}`)
    this.#doorbells.start()
    this.#loop.ring('start')
    return DONE
  }

  /** Resolves when everything has been looked at once more, whether what that takes has come up by then or not. */
  async look(): Promise<void> {
    await this.#loop.converge('asked')
  }

  /** Resolves when everything has been looked at once more, and what that takes has come up, whether that could be done or not. */
  async converge(reason: 'start' | 'asked'): Promise<void> {
    for (let looks = 0; looks < LOOKS_AT_MOST; looks++) {
      await this.#loop.converge(reason)
      if (!this.picture.last?.awaitsDaemon) return
      await this.#background()
    }
  }

  /** Milliseconds that the run of the line under way has taken so far. */
  get busyFor(): number {
    return this.#loop.busyFor
  }

  /** Stops. Everything goes on being served. */
  async stop(): Promise<void> {
    this.#doorbells.stop()
    this.#watches.stop()
    this.picture.troubles.unheard.stop()
    clearTimeout(this.#againTimer)
    this.#server?.close()
    this.#server?.closeAllConnections()
    await this.#loop.stop()
    await this.#drivers.retirements.settled()
    await this.#background()
  }

  /** Resolves when all that comes up in the background has, or has not. */
  async #background(): Promise<void> {
    const { preparations, advertiser } = this.#drivers
    await Promise.all([preparations.settled(), advertiser.settled()])
  }

  /** An agent that cannot be asked still serves. */
  async #answerOthers(): Promise<void> {
    try {
      this.#server = await answer(this.#settings, answersOf(this))
    } catch (error) {
      const reason = errorText(error)
      this.#timeline.note('failure', `guestnet status cannot reach this agent: ${reason}`)
    }
  }

  async #work(reasons: readonly RingReason[], rangAt: number): Promise<boolean> {
    const beganAt = performance.now()
    for (const part of await this.#doubts.after(reasons)) this.#drivers[part].forget()
    const mayDiffer = mayConcernFiles(reasons)
    if (mayDiffer) await this.#doorbells.heardOfFiles()
    const before = this.picture.last
    const { announce } = before?.reading.policy ?? {}
    // What a former policy left is looked for at the start, after a change of policy, and each minute.
    const mayLeave = !before || announce !== undefined || reasons.includes('timer')
    const result = await cycle(
      { settings: this.#settings, reader: this.#reader, drivers: this.#drivers },
      {
        mode: 'apply',
        leftovers: mayLeave,
        inBackground: true,
        mayDiffer,
        onSeen: seen => this.#doorbells.hasten(movementOf(seen)),
      },
    )
    const isTaken = result.report.announcing?.refusal?.code === 'table-taken'
    this.#doorbells.listenToRouting(result.reading.policy.announce?.table, isTaken)
    this.picture.troubles.noteLoopSuccess()
    if (!before) await this.#watches.remember(result.report)
    else this.#timeline.noteReadings(before.reading, result.reading)
    this.picture.take(result)
    if (before && reasons.every(reason => reason === 'timer'))
      this.picture.troubles.unheard.note(before, result, beganAt)
    this.#timeline.notePolicy(result.reading.policyDigest)
    this.#timeline.noteChanges(result.applied)
    this.#timeline.noteAnnouncing(before?.report.announcing, result.report.announcing)
    this.picture.outlook.emit('run', { rangAt, beganAt, endedAt: performance.now(), applied: result.applied })
    this.picture.noteProblems()
    if (reasons.includes('start') || reasons.includes('timer')) void this.picture.countMessages(result.report)
    this.#watches.keep(result)
    if (result.reading.provisional && reasons.some(reason => reason !== 'file again')) this.#lookAgain()
    return result.provisional
  }

  /** A file that only seemed to be half written makes no sound any more, and the loop may be at its slowest. */
  #lookAgain(): void {
    clearTimeout(this.#againTimer)
    this.#againTimer = setTimeout(() => this.#loop.ring('file again', 1), STEADY_MS + 10)
  }

  /** Whether the node forwards is changed without ringing, too, and a black hole ends without. */
  async #changeMark(): Promise<string> {
    const mark = await this.#reader.changeMark()
    const { report, reading } = this.picture.last ?? {}
    if (!report?.announcing || mark === 'silent') return mark
    // By the wall clock each second, so that setting the clock is noticed like an end that has come.
    const blackholes = blackholesAt(Date.now() / 1000, reading?.policy.bgp).map(
      ({ vmid, until }) => `${vmid} ${until}`,
    )
    return [mark, ...this.#drivers.forwarding.families(), ...blackholes].join('\n')
  }

  async #isHealthy(): Promise<boolean> {
    const { keas, advertiser, daemon } = this.#drivers
    const slots = this.picture.last ? slotsOf(this.picture.last.report) : []
    const [keasAreWell, advertiserIsWell, sessions] = await Promise.all([
      keas.areAnswering(slots),
      advertiser.isWell(),
      daemon.sessions(),
    ])
    this.picture.notePeers(sessions ?? [])
    return keasAreWell && advertiserIsWell && sessions !== undefined
  }

  /** The report as it is now, as soon as there is one. Throws where the run under way brings none. */
  async report(): Promise<Report> {
    if (!this.picture.last) await this.#loop.underWay('status')
    return await this.picture.report()
  }
}

function anotherRuns({ name }: Settings): string {
  return `Another agent named ${name} is running on this node. Two would undo each other's work; see guestnet status, or give this one another --name.`
}
