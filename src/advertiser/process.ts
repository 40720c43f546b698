import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ADVERTISER_MAC } from '../core/advertising/names.ts'
import type { Result } from '../core/values/result.ts'
import { startDaemon } from '../os/daemon.ts'
import { readText } from '../os/files.ts'
import { CONFINEMENT } from '../os/unitManager.ts'
import { asUser, type SystemUser } from '../os/unprivileged.ts'
import { revisionInForce } from './control.ts'
import type { AdvertiserPaths } from './paths.ts'

/** The advertiser's end of its link, in its own namespace. */
const INNER_LINK = 'ra0'

/** Before it leaves the node's network, root keeps hold of that, to put the other end of the link there. */
const OUTSIDE = 'exec 9</proc/self/ns/net; exec unshare --net -- "$@"'

/**
 * In a network namespace of its own: the link, its name and its mark, whose node's end is in the node's; then what the
 * advertiser is run by. Neither end gets an IPv6 address, so neither says anything of its own accord.
 */
const INSIDE = `set -e
ip link add ${INNER_LINK} address ${ADVERTISER_MAC} type veth peer name "$1" netns /proc/self/fd/9
ip link set ${INNER_LINK} addrgenmode none
ip link set ${INNER_LINK} up
nsenter --net=/proc/self/fd/9 ip link set "$1" addrgenmode none alias "$2"
nsenter --net=/proc/self/fd/9 ip link set "$1" up
exec 9<&-
echo $$ >"$3"
shift 3
exec "$@"
`

/** Beyond what no daemon needs: until setpriv(1), root makes the namespace and the link. */
const ADVERTISER_CONFINEMENT = [
  ...CONFINEMENT,
  'CapabilityBoundingSet=CAP_SYS_ADMIN CAP_NET_ADMIN CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_DAC_OVERRIDE',
  'RestrictNamespaces=net',
  'SystemCallFilter=@system-service @mount',
] as const

export interface AdvertiserLaunch {
  readonly paths: AdvertiserPaths
  readonly user: SystemUser
  /** The node's end of its link. */
  readonly link: string
  /** The instance's name: the mark of the link. */
  readonly name: string
  /** Milliseconds it has to come up. */
  readonly timeout: number
}

/**
 * Starts the advertiser in a network namespace of its own and waits until it answers. It goes on when this process ends. The
 * namespace has no name: it is gone with the process, and the link with it.
 */
export async function launchAdvertiser(launch: AdvertiserLaunch): Promise<Result<{ child: ChildProcess }>> {
  const { paths, user, link, name, timeout } = launch
  const { folder, program, table, socket, log, pid } = paths
  const perl = [...asUser(user, ['net_raw']), 'perl', program, INNER_LINK, table, socket]
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const output = openSync(log, 'w', 0o640)
  try {
    return await startDaemon({
      title: 'the advertiser',
      command: ['sh', '-c', OUTSIDE, 'sh', 'sh', '-c', INSIDE, 'sh', link, name, pid, ...perl],
      environment,
      output: ['ignore', output, output],
      unit: {
        name: `${name}-advertiser`,
        description: 'router advertisements for the guests of this node',
        properties: [...ADVERTISER_CONFINEMENT, `ReadWritePaths=${folder}`],
        environment,
      },
      isAnswering: async patience => (await revisionInForce(socket, patience)) !== undefined,
      timeout,
      lastWords: () => lastLine(log),
    })
  } finally {
    closeSync(output)
  }
}

function isInOwnNamespace(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net')
  } catch {
    return false
  }
}

function lastLine(log: string): string {
  const file = readText(log)
  return (file.ok && file.text.trim().split('\n').at(-1)?.slice(-300)) || 'it left no log'
}

/**
 * Whether this process is the advertiser of these files: process ids are used again, and anybody can call a process of theirs
 * as they like. So it has to run Perl itself, as that user, in another network namespace, which only root can have given it.
 */
export function isAdvertiser(pid: number, { program }: AdvertiserPaths, { uid }: SystemUser): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const exe = basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
    const [, ...uids] = /^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(status) ?? []
    return (
      exe === 'perl' &&
      words[1] === program &&
      uids.length === 4 &&
      uids.every(own => Number(own) === uid) &&
      isInOwnNamespace(pid)
    )
  } catch {
    return false
  }
}

/** Ends an advertiser: politely, and after a second for good. A stopped one does not hear a polite request. */
export async function endAdvertiser(pid: number, isThere: () => boolean): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = performance.now() + 1000
    if (isThere()) kill(pid, signal)
    while (isThere() && performance.now() < deadline) await delay(5)
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between the look and the signal, which is what was wanted.
  }
}
