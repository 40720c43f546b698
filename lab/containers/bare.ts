import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { eventually } from '../eventually.ts'
import type { LabNode } from '../node.ts'
import type { LabProcess, Outcome } from '../process.ts'
import type { Grants, LabContainer } from './container.ts'

/** Runs in a mount and a process namespace of its own: `$1` becomes /run. */
const BEGIN = 'mount -t proc proc /proc && mount --bind "$1" /run && shift && exec "$@"'

/** What a container is to the kernel: namespaces of its own for processes and mounts, the node's network, fewer capabilities. */
export class BareContainer implements LabContainer {
  /** With its first process everything else is killed. */
  readonly withdraws = false
  readonly #node: LabNode
  readonly #capabilities: string
  #running: { readonly outside: LabProcess; readonly init: number } | undefined

  constructor(node: LabNode, { capabilities }: Grants) {
    this.#node = node
    this.#capabilities = ['-all', ...capabilities.map(name => `+${name.toLowerCase()}`)].join(',')
  }

  async start({ anew = false } = {}): Promise<void> {
    if (anew) rmSync(this.#runFolder(), { recursive: true, force: true })
    const outside = this.#node.spawn('container', 'unshare', this.#begin(['run']))
    const init = await eventually('the container runs', () => childOf(outside.pid))
    this.#running = { outside, init }
    await eventually('its agent answers', () => this.isHealthy(), {
      timeoutMs: 30_000,
      dump: async () => `${(await this.exec('status')).stdout}\n${await this.#node.lab.dump()}`,
    })
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    const { outside, init } = this.#running
    this.#running = undefined
    process.kill(init, 'SIGTERM')
    await outside.exited
  }

  exec(...words: readonly string[]): Promise<Outcome> {
    if (!this.#running) throw new Error('the container does not run')
    const enter = ['--target', String(this.#running.init), '--mount', '--pid', '--']
    return this.#node.attempt('nsenter', [...enter, ...this.#guestnet(words)])
  }

  once(...words: readonly string[]): Promise<Outcome> {
    return this.#node.attempt('unshare', this.#begin(words))
  }

  async isHealthy(): Promise<boolean> {
    return (await this.exec('status', '--check')).exitCode <= 1
  }

  #begin(words: readonly string[]): string[] {
    const namespaces = ['--pid', '--fork', '--kill-child', '--mount', '--propagation', 'private']
    return [...namespaces, 'sh', '-c', BEGIN, 'sh', this.#runFolder(), ...this.#guestnet(words)]
  }

  #guestnet(words: readonly string[]): string[] {
    const program = [process.env.LAB_NODE ?? process.execPath, resolve('dist/guestnet.js')]
    const paths = ['--pve-root', this.#node.tree.root, '--state-dir', this.#node.stateDir]
    const only = [`--bounding-set=${this.#capabilities}`, `--inh-caps=${this.#capabilities}`]
    return ['setpriv', ...only, ...program, ...words, ...paths]
  }

  #runFolder(): string {
    return this.#node.lab.folder('containers', this.#node.name)
  }
}

/** The only child of a process; `undefined` while it has none. */
function childOf(pid: number): number | undefined {
  const [child] = readFileSync(join('/proc', String(pid), 'task', String(pid), 'children'), 'utf8').split(' ')
  return child ? Number(child) : undefined
}
