import { existsSync } from 'node:fs'
import { eventually } from '../../lab/eventually.ts'
import type { Namespace } from '../../lab/namespace.ts'
import { fileIn } from './birdWorld.ts'

/** Where Debian keeps FRR's daemons. */
const DAEMONS = '/usr/lib/frr'

/** An FRR inside a namespace: zebra, bgpd and bfdd, without systemd and apart from any FRR of the machine. */
export class Frr {
  readonly #place: Namespace
  readonly #folder: string

  private constructor(place: Namespace, folder: string) {
    this.#place = place
    this.#folder = folder
  }

  /** Starts it; `config` is what `vtysh` would show as the running configuration. */
  static async start(place: Namespace, config: string): Promise<Frr> {
    const name = `frr-${place.netns}`
    const folder = place.lab.folder(name)
    const frr = new Frr(place, folder)
    // Its daemons give up root for a user of their own.
    await place.run('chown', ['frr:frr', folder])
    for (const daemon of ['zebra', 'bfdd', 'bgpd']) {
      const file = fileIn(place.lab, name, `${daemon}.conf`, '')
      const own = ['-f', file, '-i', `${folder}/${daemon}.pid`, '-A', '127.0.0.1']
      const sockets = ['-P', '0', '--vty_socket', folder, '-z', `${folder}/zserv.api`]
      const program = `${DAEMONS}/${daemon}`
      // Only an older bfdd has one more socket.
      const hasControl = (await place.run(program, ['--help'])).includes('--bfdctl')
      const control = hasControl ? ['--bfdctl', `${folder}/bfdd.sock`] : []
      place.spawn(daemon, program, [...own, ...sockets, ...control, '--log', 'stdout'])
      await eventually(`${daemon} is there`, () => existsSync(`${folder}/${daemon}.vty`))
    }
    await frr.configure(config)
    return frr
  }

  /** Whether it reads routing tables of the kernel directly, which began with 10.1. */
  static async readsTables(place: Namespace): Promise<boolean> {
    const version = await place.run(`${DAEMONS}/bgpd`, ['--version'])
    const [, major, minor] = /version ([0-9]+)\.([0-9]+)/.exec(version) ?? []
    return Number(major) * 100 + Number(minor) >= 1001
  }

  /** Enters lines as an administrator does in configuration mode. */
  async configure(lines: string): Promise<void> {
    await this.#vtysh('-f', fileIn(this.#place.lab, `frr-${this.#place.netns}`, 'frr.conf', lines))
  }

  show(command: string): Promise<string> {
    return this.#vtysh('-c', command)
  }

  #vtysh(...args: string[]): Promise<string> {
    return this.#place.run('vtysh', ['--vty_socket', this.#folder, ...args])
  }
}
