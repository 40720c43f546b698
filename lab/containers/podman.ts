import type { LabNode } from '../node.ts'
import { attempt, type Outcome } from '../process.ts'
import type { Grants, LabContainer } from './container.ts'
import { inNetworkOf } from './network.ts'

/** The image of contrib/container, run by Podman with what compose.yml grants. */
export class PodmanContainer implements LabContainer {
  /** With its first process everything else is killed. */
  readonly withdraws = false
  readonly #node: LabNode
  readonly #image: string
  readonly #grants: Grants
  readonly #name: string

  constructor(node: LabNode, grants: Grants, image: string) {
    this.#node = node
    this.#grants = grants
    this.#image = image
    this.#name = node.netns
    node.lab.own(`container ${this.#name}`, async () => {
      await this.#attempt('rm', '--force', '--ignore', '--time', '0', this.#name)
      await this.#attempt('volume', 'rm', '--force', this.#name)
    })
  }

  async start({ anew = false } = {}): Promise<void> {
    if (anew) await this.#podman('rm', '--force', '--ignore', this.#name)
    const isThere = (await this.#attempt('container', 'exists', this.#name)).exitCode === 0
    if (isThere) await this.#podman('start', this.#name)
    else await this.#podman('run', '--detach', '--name', this.#name, ...this.#options(), this.#image)
  }

  async stop(): Promise<void> {
    await this.#podman('stop', '--time', '20', this.#name)
  }

  exec(...words: readonly string[]): Promise<Outcome> {
    return this.#attempt('exec', this.#name, 'guestnet', ...words)
  }

  once(...words: readonly string[]): Promise<Outcome> {
    return this.#attempt('run', '--rm', ...this.#options(), this.#image, ...words)
  }

  async isHealthy(): Promise<boolean> {
    return (await this.#attempt('healthcheck', 'run', this.#name)).exitCode === 0
  }

  #options(): string[] {
    const { capabilities, securityOptions } = this.#grants
    return [
      ...['--network', 'host', '--cap-drop', 'all'],
      ...capabilities.flatMap(name => ['--cap-add', name]),
      ...securityOptions.flatMap(option => ['--security-opt', option]),
      ...['--volume', `${this.#node.tree.root}:/etc/pve`],
      ...['--volume', `${this.#name}:/var/lib/guestnet`],
    ]
  }

  async #podman(...words: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await this.#attempt(...words)
    if (exitCode !== 0)
      throw new Error(`podman ${words.join(' ')}: ${stderr}\n${await this.#node.lab.dump()}`)
  }

  #attempt(...words: readonly string[]): Promise<Outcome> {
    return attempt([...inNetworkOf(this.#node), 'podman', ...words])
  }
}
