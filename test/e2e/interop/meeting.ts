import { existsSync, readFileSync } from 'node:fs'
import { afterEach, expect } from 'vitest'
import { eventually } from '../../../lab/eventually.ts'
import type { Namespace } from '../../../lab/namespace.ts'
import type { BirdDaemon } from '../../../src/bird/daemon.ts'
import type { BirdPeer } from '../../../src/core/announcing/birdSettings.ts'
import { DONE } from '../../../src/core/values/result.ts'
import {
  type BirdWorld,
  birdOf,
  createBirdWorld,
  filesOf,
  GUEST_100,
  peer,
  pingsThrough,
  routeTo,
} from '../birdWorld.ts'

/**
 * A node and a router that get to know one another by BGP: guestnet's BIRD on the node, whatever the test wants on the
 * router.
 */
export class Meeting {
  readonly place: BirdWorld
  readonly daemon: BirdDaemon

  private constructor(place: BirdWorld) {
    this.place = place
    this.daemon = birdOf(place)
  }

  /** Neither side's daemon runs yet. `numbered`: the link between them has global addresses. */
  static async create({ numbered }: { numbered: boolean }): Promise<Meeting> {
    return new Meeting(await createBirdWorld('interop', { numbered }))
  }

  close(): Promise<void> {
    return this.place.lab.close()
  }

  async startBird(given: Partial<BirdPeer>): Promise<void> {
    expect(await this.daemon.start(filesOf(this.daemon, { peers: [peer(given)] }))).toEqual(DONE)
  }

  /** The guest's addresses are in the router's kernel, a default route is in the node's, and pings go both ways. */
  async expectReachable(dump: () => Promise<string>): Promise<void> {
    const patience = { timeoutMs: 30_000, dump: async () => `${await this.#dump()}\n${await dump()}` }
    for (const { prefix } of GUEST_100)
      await eventually(`the router knows ${prefix}`, () => routeTo(this.place.router, prefix), patience)
    await eventually('the guest is reached', () => pingsThrough(this.place), patience)
    const bird = await this.daemon.observe()
    expect(bird).toMatchObject({ state: 'running', peers: [{ peer: 'rtr01', isUp: true }] })
  }

  /** A router that says nothing any more, while its link stays up, is gone for the node long before the hold time ends. */
  async expectSilenceNoticed(): Promise<void> {
    const drop =
      'add table inet silence; add chain inet silence in { type filter hook input priority 0; policy drop; }'
    await this.place.router.run('nft', [drop])
    await eventually(
      'the session is down',
      async () => {
        const bird = await this.daemon.observe()
        return bird.state === 'running' && bird.peers.every(({ isUp }) => !isUp)
      },
      { timeoutMs: 4000 },
    )
  }

  async #dump(): Promise<string> {
    const { log } = this.daemon.paths
    const said = existsSync(log) ? readFileSync(log, 'utf8') : ''
    return [JSON.stringify(await this.daemon.observe(), null, 1), said, await this.place.lab.dump()].join(
      '\n',
    )
  }
}

/** A link's own link-local address. */
export async function linkLocal(place: Namespace, link: string): Promise<string> {
  const [found] = await place.ipJson<{ addr_info: { local: string }[] }>(
    '-6',
    'addr',
    'show',
    'dev',
    link,
    'scope',
    'link',
  )
  return found?.addr_info[0]?.local ?? ''
}

let current: Meeting | undefined

/** A meeting that ends with its test. */
export async function meet({ numbered }: { numbered: boolean }): Promise<Meeting> {
  current = await Meeting.create({ numbered })
  return current
}

/** To be called once by each file with tests that meet. */
export function endMeetings(): void {
  afterEach(async () => {
    await current?.close()
    current = undefined
  })
}
