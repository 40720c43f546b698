import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../eventually.ts'
import type { LabNode } from '../node.ts'
import { attempt, type LabProcess, type Outcome, run } from '../process.ts'
import type { LabContainer } from './container.ts'
import { inNetworkOf } from './network.ts'

/** A whole Debian with systemd in a container of LXC, as Proxmox VE makes a privileged one, that has the package installed. */
export class LxcContainer implements LabContainer {
  readonly withdraws = true
  readonly #node: LabNode
  readonly #folder: string
  readonly #name: string
  #running: LabProcess | undefined

  /** `debian`: the folder of the Debian, which stays as it is. */
  constructor(node: LabNode, debian: string) {
    this.#node = node
    this.#name = node.netns
    this.#folder = node.lab.folder('containers', node.name)
    const changed = join(this.#folder, 'changed')
    mkdirSync(changed)
    writeFileSync(join(this.#folder, 'config'), configOf(`overlayfs:${debian}:${changed}`, node.tree.root))
  }

  /** There is no other one to take its place: what it was stays in its files. */
  async start(): Promise<void> {
    this.#running = this.#node.lab.spawn(`${this.#name}-container`, this.#start([]))
    await eventually('its agent answers', () => this.isHealthy(), {
      timeoutMs: 90_000,
      everyMs: 200,
      dump: () => this.#dump(),
    })
  }

  async stop(): Promise<void> {
    await run(this.#lxc('stop'))
    await this.#running?.exited
  }

  exec(...words: readonly string[]): Promise<Outcome> {
    return attempt([...this.#lxc('attach'), '--', 'guestnet', ...words])
  }

  /** What it says goes to the container's console. */
  async once(...words: readonly string[]): Promise<Outcome> {
    const console = join(this.#folder, 'console')
    const outcome = await attempt(
      this.#start(['--console-log', console, '--', ...WITH_PATH, 'guestnet', ...words]),
    )
    return { ...outcome, stdout: readFileSync(console, 'utf8').replaceAll('\r', '') }
  }

  async isHealthy(): Promise<boolean> {
    const { exitCode, stdout } = await this.exec('status', '--check')
    // lxc-attach, too, ends with 1 where it cannot.
    return exitCode <= 1 && stdout.startsWith('GUESTNET')
  }

  async #dump(): Promise<string> {
    const status = await this.exec('status')
    const journal = await attempt([...this.#lxc('attach'), '--', 'journalctl', '--no-pager', '--lines=40'])
    return `${status.stdout}\n${journal.stdout}\n${await this.#node.lab.dump()}`
  }

  #start(command: readonly string[]): string[] {
    return [...this.#lxc('start'), '--rcfile', join(this.#folder, 'config'), '--foreground', ...command]
  }

  #lxc(what: 'start' | 'stop' | 'attach'): string[] {
    return [...inNetworkOf(this.#node), `lxc-${what}`, '--name', this.#name, '--lxcpath', this.#folder]
  }
}

/** What is started in place of systemd finds no programs by itself. */
const WITH_PATH = ['/usr/bin/env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin']

/** lxc.container.conf(5); docs/container.md has the same in Proxmox VE's words. */
function configOf(root: string, pve: string): string {
  return `lxc.rootfs.path = ${root}
# None that is the node's: which one it is on is told by /etc/pve.
lxc.uts.name = box
lxc.net.0.type = none
lxc.mount.auto = proc:rw sys:mixed cgroup:mixed
lxc.mount.entry = ${pve} etc/pve none bind,create=dir 0 0
lxc.tty.max = 0
lxc.pty.max = 16
`
}
