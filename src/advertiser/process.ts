import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ADVERTISER_MAC } from '../core/advertising/names.ts'
import { failed, type Result } from '../core/values/result.ts'
import { readText } from '../os/files.ts'
import { run } from '../os/program.ts'
import { asUser, type SystemUser } from '../os/unprivileged.ts'
import { revisionInForce } from './control.ts'
import type { AdvertiserPaths } from './paths.ts'

/** The advertiser's end of its link, in its own namespace. */
const INNER_LINK = 'ra0'

/** Milliseconds from its start to its first answer, at most. */
const START_TIMEOUT = 10_000

/**
 * Starts the advertiser in a network namespace of its own, gives it its link, and waits until it answers. It goes on when this
 * process ends. The namespace has no name: it is gone with the process, and the link with it.
 */
export async function launchAdvertiser(
  paths: AdvertiserPaths,
  user: SystemUser,
  link: { readonly name: string; readonly alias: string },
): Promise<Result<{ child: ChildProcess; pid: number }>> {
  const child = spawnAdvertiser(paths, user)
  let ended: string | undefined
  child.once('error', error => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `exit status ${code}`}: ${lastLine(paths.log)}`
  })
  const { pid } = child
  const deadline = performance.now() + START_TIMEOUT
  let isLinked = false
  while (performance.now() < deadline) {
    if (ended !== undefined) return failed(ended)
    if (pid !== undefined && !isLinked && isInOwnNamespace(pid)) {
      const result = await addLink(link, pid)
      if (!result.ok) return endedFor(child, result.reason)
      isLinked = true
    }
    if (pid !== undefined && isLinked && (await revisionInForce(paths.socket)) !== undefined)
      return { ok: true, child, pid }
    await delay(4)
  }
  return endedFor(child, `it did not answer within ${START_TIMEOUT / 1000} s: ${lastLine(paths.log)}`)
}

function endedFor(child: ChildProcess, reason: string) {
  child.kill('SIGKILL')
  return failed(reason)
}

function spawnAdvertiser({ program, table, socket, log }: AdvertiserPaths, user: SystemUser): ChildProcess {
  const [file = 'setpriv', ...before] = asUser(user, ['net_raw'])
  const perl = ['perl', program, INNER_LINK, table, socket]
  const output = openSync(log, 'w', 0o640)
  try {
    const child = spawn('unshare', ['--net', '--', file, ...before, ...perl], {
      detached: true,
      stdio: ['ignore', output, output],
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    child.unref()
    return child
  } finally {
    closeSync(output)
  }
}

/** Neither end gets an IPv6 address, so neither says anything of its own accord. */
async function addLink({ name, alias }: { name: string; alias: string }, pid: number): Promise<Result> {
  const outside = `link add ${name} type veth peer name ${INNER_LINK} address ${ADVERTISER_MAC} netns ${pid}
link set ${name} addrgenmode none alias ${alias}
link set ${name} up
`
  const made = await run('ip', ['-batch', '-'], { input: outside })
  if (!made.ok) return made
  const inside = `link set ${INNER_LINK} addrgenmode none
link set ${INNER_LINK} up
`
  return await run('nsenter', ['-t', String(pid), '-n', 'ip', '-batch', '-'], { input: inside })
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
