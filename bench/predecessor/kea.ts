import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../lab/eventually.ts'
import { run } from '../../lab/process.ts'
import { groupBy } from '../../src/core/values/collection.ts'
import type { Reservation } from './networks.ts'

/** Where Debian's AppArmor profile lets Kea have its files: in a mount namespace of its own, its own folder. */
const LAUNCH = `set -e
mount --bind "$1" /mnt
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock/kea
mkdir -m 750 /run/kea
mount --bind /mnt /etc/kea
mount --bind /mnt /run/kea
exec kea-dhcp4 -c /etc/kea/kea-dhcp4.conf
`

/** A namespace, a veth pair with one end in a bridge, and a Kea at the other; named as that predecessor names them. */
export class KeaOnBridge {
  readonly #bridge: string
  readonly #netns: string
  /** Its end in the namespace. */
  readonly #link: string
  readonly #folder: string
  #config = ''
  #child: ChildProcess | undefined

  constructor(bridge: string, dir: string) {
    this.#bridge = bridge
    this.#netns = `kea_${bridge}`
    this.#link = `kn_${bridge}`
    this.#folder = join(dir, bridge)
  }

  /** Serves these and nobody else; a Kea that serves something else is started anew. */
  async serve(reservations: readonly Reservation[]): Promise<void> {
    const config = renderConfig(this.#link, reservations)
    if (config === this.#config) return
    if (this.#config === '') await this.#attach()
    this.#config = config
    writeFileSync(join(this.#folder, 'kea-dhcp4.conf'), config, { mode: 0o640 })
    await this.#restart()
  }

  async remove(): Promise<void> {
    await this.#stop()
    await run(['ip', 'netns', 'delete', this.#netns])
  }

  async #attach(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 })
    const outer = `kh_${this.#bridge}`
    const inner = this.#link
    await run(['ip', 'netns', 'add', this.#netns])
    await run(['ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', this.#netns])
    await run(['ip', 'link', 'set', outer, 'master', this.#bridge, 'up'])
    await run(['ip', '-n', this.#netns, 'link', 'set', inner, 'up'])
    await run(['ip', '-n', this.#netns, 'address', 'add', '169.254.1.1/32', 'dev', inner])
  }

  async #restart(): Promise<void> {
    await this.#stop()
    const socket = join(this.#folder, 'kea4-ctrl-socket')
    rmSync(socket, { force: true })
    this.#child = spawn('ip', ['netns', 'exec', this.#netns, 'sh', '-c', LAUNCH, 'sh', this.#folder], {
      stdio: 'inherit',
      env: { ...process.env, KEA_LOCKFILE_DIR: '/run/lock/kea' },
    })
    await eventually(`Kea on ${this.#bridge} is there`, () => existsSync(socket))
  }

  async #stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
}

function renderConfig(link: string, reservations: readonly Reservation[]): string {
  const subnets = groupBy(reservations, ({ cidr }) => subnetOf(cidr))
  const subnet4 = [...subnets].map(([subnet, members], index) => ({
    id: index + 1,
    subnet,
    interface: link,
    reservations: members.map(({ mac, address, gateway }) => ({
      'hw-address': mac,
      'ip-address': address,
      'option-data': gateway === undefined ? [] : [{ name: 'routers', data: gateway }],
    })),
  }))
  return JSON.stringify({
    Dhcp4: {
      'interfaces-config': { interfaces: [link] },
      'control-socket': { 'socket-type': 'unix', 'socket-name': '/run/kea/kea4-ctrl-socket' },
      'lease-database': { type: 'memfile', persist: false },
      'host-reservation-identifiers': ['hw-address'],
      subnet4,
      loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: 'stdout' }] }],
    },
  })
}

/** The /24 an address is in: all that the benchmarks configure. */
function subnetOf(cidr: string): string {
  return `${cidr.slice(0, cidr.lastIndexOf('.'))}.0/24`
}
