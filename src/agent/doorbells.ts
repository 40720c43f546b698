import { join } from 'node:path'
import type { Settings } from '../core/node/settings.ts'
import { markOf } from '../core/routing/mark.ts'
import { NAMESPACES } from '../iproute2/slots.ts'
import { holdersFolder } from '../pve/holders.ts'
import { FolderWatch } from './folderWatch.ts'
import { Monitor } from './monitor.ts'
import type { NftEvents } from './nftEvents.ts'
import type { Movement } from './onTheMove.ts'
import type { RingReason } from './ringReason.ts'
import { routingLossOf } from './routingLoss.ts'
import { SocketWatch } from './socketWatch.ts'

export interface DoorbellOptions {
  readonly settings: Settings
  readonly nftEvents: NftEvents
  /** Takes a line of `ip -o monitor link`; whether anything changed that matters. */
  readonly isLinkNews: (line: string) => boolean
  /** Whether a line that tells of a loss in the kernel's routing tells of what was taken away here. */
  readonly isOwnLoss: (line: string) => boolean
  /** Milliseconds between looks at `.version`. */
  readonly poll: number
  /** What changes whenever what is read may have. */
  readonly changeMark: () => Promise<string>
  /** Whether every Kea answers. */
  readonly isHealthy: () => Promise<boolean>
  /** Where BIRD answers, while there is one. */
  readonly birdSocket: string
  /** Something may have changed. */
  readonly ring: (reason: RingReason, settle?: number) => void
}

/** Milliseconds: a guest waits for its port, but a port is made, plugged in and set up within a few of them. */
const LINK_SETTLE_MS = 6

/** Milliseconds: what a file's writer does with it, and with others beside it, are several events within two or three of them. */
const FILE_SETTLE_MS = 6

/** Milliseconds after which a monitor that was started surely listens. */
const MONITOR_MS = 500

/**
 * Milliseconds between looks while a guest is on the move; one costs about 0.3 ms. Its traffic waits for the node it comes to; that
 * it has gone, routers know by then, and the lock of a migration that failed may stay for weeks.
 */
const HASTE_MS = { coming: 10, going: 60, none: undefined } as const satisfies Record<
  Movement,
  number | undefined
>

/** Milliseconds: the rename that is awaited is one change, and whole. */
const HASTE_SETTLE_MS = 1

/**
 * Everything that rings: links, the nftables table, files, the cluster's version, the health of the Keas. Doorbells
 * carry no data, so one that rings for nothing costs a look, and one that fails to ring costs a poll interval.
 */
export class Doorbells {
  readonly #options: DoorbellOptions
  readonly #monitors: readonly Monitor[]
  readonly #folders: FolderWatch
  readonly #bird: SocketWatch
  readonly #watched: readonly string[]
  #timer: NodeJS.Timeout | undefined
  #mark = ''
  #hasteTimer: NodeJS.Timeout | undefined
  #haste: number | undefined
  #isHasting = false
  #table: number | undefined
  #isTaken = false
  #routing: Monitor | undefined
  #isLooking = false
  #heardAt = 0

  constructor(options: DoorbellOptions) {
    const { ring, settings, nftEvents, isLinkNews } = options
    this.#options = options
    const onGap = () => this.#ringForGap()
    this.#monitors = [
      new Monitor({
        program: 'ip',
        args: ['-o', 'monitor', 'link'],
        onLine: line => {
          this.#heardAt = performance.now()
          if (isLinkNews(line)) ring('link', LINK_SETTLE_MS)
        },
        onGap,
      }),
      new Monitor({
        program: 'nft',
        args: ['monitor'],
        onLine: line => {
          if (nftEvents.isForeign(line)) this.#ringFor('nftables')
        },
        onGap,
      }),
    ]
    const node = join(settings.pveRoot, 'nodes', settings.node)
    const files = [
      settings.pveRoot,
      join(settings.pveRoot, 'sdn'),
      holdersFolder(settings.pveRoot),
      join(node, 'qemu-server'),
      join(node, 'lxc'),
    ]
    this.#watched = [NAMESPACES, ...(settings.watch === 'auto' ? files : [])]
    this.#folders = new FolderWatch(() => ring('file', FILE_SETTLE_MS))
    this.#bird = new SocketWatch(() => ring('daemon ended', 1))
  }

  start(): void {
    for (const monitor of this.#monitors) monitor.start()
    this.#ringWhenHeard()
    void this.#tick()
    this.#timer = setInterval(() => void this.#tick(), this.#options.poll)
  }

  /**
   * Looks for changes of the cluster's files more often while a guest is on the move: its file's rename on another node
   * makes no sound here, and until it is seen traffic goes to the wrong node.
   */
  hasten(movement: Movement): void {
    const haste = HASTE_MS[movement]
    if (haste === this.#haste) return
    this.#haste = haste
    clearInterval(this.#hasteTimer)
    this.#hasteTimer = haste === undefined ? undefined : setInterval(() => void this.#lookHastily(), haste)
  }

  /**
   * Rings when something that matters disappears from the kernel's routing. `table`: guestnet's; `undefined`: nothing is announced.
   * `isTaken`: somebody else has routes in it, and what is waited for is that they go.
   */
  listenToRouting(table: number | undefined, isTaken = false): void {
    // Some may have gone since the look that found it taken.
    if (isTaken && !this.#isTaken) this.#options.ring('routing')
    this.#isTaken = isTaken
    if (table === this.#table) return
    this.#table = table
    this.#routing?.stop()
    this.#routing = undefined
    if (table === undefined) return
    const isLoss = routingLossOf(table, markOf(this.#options.settings.name))
    this.#routing = new Monitor({
      program: 'ip',
      args: ['-o', '-N', 'monitor', 'route', 'neigh', 'rule', 'address'],
      onLine: line => {
        if (isLoss(line, this.#isTaken) && !this.#options.isOwnLoss(line)) this.#ringFor('routing')
      },
      onGap: () => this.#ringForGap(),
    })
    this.#routing.start()
    this.#ringWhenHeard()
  }

  /** To be called before files are read: what has changed until then is seen, and need not ring any more. */
  async heardOfFiles(): Promise<void> {
    this.#mark = await this.#options.changeMark()
  }

  /** When anything was last heard of links, or of what somebody else did, on the clock of `performance.now`. */
  get heardAt(): number {
    return this.#heardAt
  }

  #ringFor(reason: RingReason): void {
    this.#heardAt = performance.now()
    this.#options.ring(reason)
  }

  /** What happened between the first look and the moment a new monitor listens was not heard. */
  #ringWhenHeard(): void {
    setTimeout(() => this.#options.ring('monitor begun'), MONITOR_MS).unref()
  }

  /** Something was not heard, and until a monitor that was started again listens, nothing is. */
  #ringForGap(): void {
    this.#options.ring('monitor gap')
    this.#ringWhenHeard()
  }

  stop(): void {
    this.listenToRouting(undefined)
    clearInterval(this.#timer)
    clearInterval(this.#hasteTimer)
    this.#folders.stop()
    this.#bird.stop()
    for (const monitor of this.#monitors) monitor.stop()
  }

  async #lookHastily(): Promise<void> {
    if (this.#isHasting) return
    this.#isHasting = true
    try {
      await this.#lookAtFiles(HASTE_SETTLE_MS)
    } catch {
      // The next ordinary look tells.
    } finally {
      this.#isHasting = false
    }
  }

  /** Looks at what does not ring by itself. A look that takes long is not started twice. */
  async #tick(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await this.#look()
    } catch {
      this.#options.ring('look failed')
    } finally {
      this.#isLooking = false
    }
  }

  async #look(): Promise<void> {
    if (this.#table !== undefined) await this.#bird.keep(this.#options.birdSocket)
    await Promise.all([this.#lookAtFiles(), this.#lookAtHealth()])
  }

  async #lookAtFiles(settle?: number): Promise<void> {
    const mark = await this.#options.changeMark()
    if (mark !== this.#mark) this.#options.ring('version', settle)
    this.#mark = mark
    if (mark !== 'silent') this.#folders.keep(this.#watched)
  }

  /** Takes a second where a Kea hangs. */
  async #lookAtHealth(): Promise<void> {
    if (!(await this.#options.isHealthy())) this.#options.ring('health')
  }
}
