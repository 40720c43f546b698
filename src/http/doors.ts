import type { Outlook } from '../agent/outlook.ts'
import type { Settings } from '../core/node/settings.ts'
import type { HttpPolicy } from '../core/policy/http.ts'
import type { Problem } from '../core/problem/problem.ts'
import { describePlace, type Place } from '../core/values/place.ts'
import { Access } from '../pve/access/access.ts'
import { certificateMark, readCertificate } from '../pve/access/certificate.ts'
import { makeNodeSecret } from '../pve/access/tokens.ts'
import { Guard } from './guard.ts'
import { Listener } from './listener.ts'
import { makeServer, type ServerOptions } from './server.ts'

export interface DoorsOptions {
  readonly settings: Pick<Settings, 'node' | 'pveRoot'>
  readonly outlook: Outlook
  readonly content: Omit<ServerOptions, 'secure'>
  /** Told why nobody can be answered at a place, and `undefined` as soon as that is over. */
  readonly onTrouble: (place: string, problem: Problem | undefined) => void
}

/** The places where others may look: one for who is on the node, and one for everybody that comes and goes with the policy. */
export class Doors {
  readonly #options: DoorsOptions
  readonly #guard: Guard
  readonly #follow = () => this.#keep(this.#options.outlook.policy?.http)
  #local: Listener | undefined
  #remote: Listener | undefined
  /** What the one for everybody was opened for. */
  #opened: string | undefined
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: DoorsOptions) {
    this.#options = options
    const { outlook, settings } = options
    const users = () => outlook.policy?.http?.users ?? []
    this.#guard = new Guard({ access: new Access(settings.pveRoot), users })
    outlook.on('look', this.#follow)
  }

  /** Opens the one for who is on the node. */
  async open(place: Place): Promise<void> {
    this.#local = this.#listener(place, () => makeServer(this.#options.content))
    await this.#local.start()
  }

  async stop(): Promise<void> {
    this.#options.outlook.off('look', this.#follow)
    await this.#work
    await Promise.all([this.#local?.stop(), this.#remote?.stop()])
  }

  /** Opens, closes and opens anew as the policy and the node's certificate say. */
  #keep(policy: HttpPolicy | undefined): void {
    const { pveRoot, node } = this.#options.settings
    const wanted = policy && `${describePlace(policy.listen)} ${certificateMark(pveRoot, node)}`
    if (wanted === this.#opened) return
    this.#opened = wanted
    this.#work = this.#work.then(() => this.#replace(policy?.listen))
  }

  async #replace(place: Place | undefined): Promise<void> {
    await this.#remote?.stop()
    this.#remote = place && this.#listener(place, () => this.#secureServer())
    await this.#remote?.start()
  }

  #secureServer() {
    const { settings, content } = this.#options
    const { cert, key, names } = readCertificate(settings.pveRoot, settings.node)
    makeSecret(settings.pveRoot)
    return makeServer({
      ...content,
      secure: {
        tls: { cert, key },
        guard: this.#guard,
        names: new Set([...names, settings.node.toLowerCase()]),
      },
    })
  }

  #listener(place: Place, server: () => ReturnType<typeof makeServer>): Listener {
    const where = describePlace(place)
    return new Listener({
      place,
      makeServer: server,
      onTrouble: problem => this.#options.onTrouble(where, problem),
    })
  }
}

/** Without a quorum the cluster cannot be written: the other nodes are asked as soon as one of them made it. */
function makeSecret(pveRoot: string): void {
  try {
    makeNodeSecret(pveRoot)
  } catch {
    // The next that opens tries again.
  }
}
