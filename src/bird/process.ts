import type { ChildProcess } from 'node:child_process'
import {
  closeSync,
  constants,
  fchownSync,
  lchownSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { failed, type Result } from '../core/values/result.ts'
import { startDaemon } from '../os/daemon.ts'
import { readText } from '../os/files.ts'
import { CONFINEMENT, type TransientUnit } from '../os/unitManager.ts'
import { asUser, type SystemUser, userNamed } from '../os/unprivileged.ts'
import { isAnswering, shutDown } from './control.ts'
import { BIRD_USER } from './filesOnDisk.ts'
import { isRootsBird } from './identity.ts'
import type { BirdPaths } from './paths.ts'

/** Routes and TCP MD5 keys, the port of BGP, and raw sockets: what BIRD keeps where Debian's unit runs it. */
const BIRD_CAPABILITIES = ['net_admin', 'net_bind_service', 'net_raw'] as const

interface Runnable {
  readonly command: readonly string[]
  readonly user: SystemUser
}

/**
 * The command that runs BIRD as its own user, who may do nothing but that; `program` may enter a namespace first, which
 * root alone can. It fails where there is no such user.
 */
export function unprivileged(program: readonly string[]): Result<Runnable> {
  const user = userNamed(BIRD_USER)
  if (!user) return failed(`the node has no user ${BIRD_USER}, which Debian's package bird2 makes`)
  const command = [...program.slice(0, -1), ...asUser(user, BIRD_CAPABILITIES), ...program.slice(-1)]
  return { ok: true, command, user }
}

const BIRD_CONFINEMENT = [
  ...CONFINEMENT,
  'CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BIND_SERVICE CAP_SETUID CAP_SETGID CAP_SETPCAP',
  'NoNewPrivileges=yes',
  'RestrictNamespaces=yes',
  'SystemCallFilter=@system-service',
] as const

export interface BirdLaunch {
  readonly program: readonly string[]
  readonly paths: BirdPaths
  /** A predecessor is gone and its peers still hold its routes (`-R`, bird(8)). */
  readonly recover: boolean
  /** The name of its unit, where systemd manages the node; without one it is never in a unit. */
  readonly unit?: string | undefined
  /** Milliseconds from its start to its first answer, at most. */
  readonly timeout: number
}

/** Starts BIRD and waits until it answers. It goes on when this process ends. Returns the process. */
export async function launchBird(launch: BirdLaunch): Promise<Result<{ child: ChildProcess }>> {
  const { program, paths, recover, unit, timeout } = launch
  const runnable = unprivileged(program)
  if (!runnable.ok) return runnable
  const { command, user } = runnable
  const options = ['-f', '-c', paths.config, '-s', paths.socket, '-P', paths.pid, ...(recover ? ['-R'] : [])]
  // Those of a former BIRD, which may have been root's and then could not be replaced by this one.
  for (const path of [paths.socket, paths.pid]) rmSync(path, { force: true })
  // What it says before it has read where its log is.
  const log = openLog(paths.log, user)
  try {
    return await startDaemon({
      title: 'BIRD',
      command: [...command, ...options],
      output: ['ignore', log, log],
      ...(unit !== undefined && { unit: birdUnit(unit, paths) }),
      isAnswering: patience => isAnswering(paths.socket, patience),
      timeout,
      lastWords: () => lastLines(paths.log),
    })
  } finally {
    closeSync(log)
  }
}

function birdUnit(name: string, { folder }: BirdPaths): TransientUnit {
  return {
    name,
    description: 'BIRD for the guests of this node',
    properties: [...BIRD_CONFINEMENT, `ReadWritePaths=${folder}`],
  }
}

/**
 * Opens a log that belongs to BIRD, and so may have been replaced by a link to anything. The kernel, too, refuses to make
 * a file of somebody else's in a sticky folder (proc(5), protected_regular), even where it is there.
 */
function openLog(path: string, { uid, gid }: SystemUser): number {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK, O_CREAT, O_EXCL } = constants
  for (const old of [path, `${path}.1`]) {
    try {
      lchownSync(old, uid, gid)
    } catch {
      // There is none.
    }
  }
  let log: number
  try {
    log = openSync(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    rmSync(path, { force: true })
    log = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0o640)
    fchownSync(log, uid, gid)
  }
  return log
}

function lastLines(logFile: string): string {
  const log = readText(logFile)
  return log.ok ? log.text.trim().split('\n').slice(-2).join(' / ').slice(-500) : 'it left no log'
}

/**
 * The BIRD that runs with these files; no other process is ever taken for it. Where its pid file is lost or wrong, it is
 * found by its command line. `network`: `any` where BIRD is started in another network namespace than this process is in.
 */
export function findBird(paths: BirdPaths, network: 'own' | 'any' = 'own'): number | undefined {
  const file = readText(paths.pid)
  const pid = file.ok ? Number.parseInt(file.text, 10) : 0
  const isOurs = (candidate: number) => isBirdAt(candidate, paths) && isRootsBird(candidate, network)
  return isOurs(pid) ? pid : processes().find(isOurs)
}

/** Whether a process says that it was started with these files: process ids are used again. */
function isBirdAt(pid: number, paths: BirdPaths): boolean {
  const words = pid > 1 ? commandLineOf(pid) : []
  const has = (option: string, value: string) => words[words.indexOf(option) + 1] === value
  // Not `bird -p -c …`, which only checks a file.
  return words.includes('-f') && has('-c', paths.config) && has('-P', paths.pid)
}

/** Empty for a process that is gone, or ended and not yet waited for. */
function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter(name => /^[1-9][0-9]*$/.test(name))
    .map(Number)
}

/** Ends a BIRD, which withdraws everything: by its own command, else politely, else for good. A stopped one hears no request. */
export async function endBird(paths: BirdPaths, network?: 'own' | 'any'): Promise<void> {
  const pid = findBird(paths, network)
  if (pid === undefined) return
  const isRunning = () => isBirdAt(pid, paths)
  const isAsked = await shutDown(paths.socket).catch(() => false)
  if (isAsked && (await gone(isRunning, 2000))) return
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    kill(pid, signal)
    if (await gone(isRunning, 2000)) return
  }
}

/** Ends a BIRD at once. It has no time to withdraw anything, so its peers keep its routes for a while (RFC 4724). */
export async function killBird(paths: BirdPaths, network?: 'own' | 'any'): Promise<void> {
  const pid = findBird(paths, network)
  if (pid === undefined) return
  kill(pid, 'SIGKILL')
  await gone(() => isBirdAt(pid, paths), 2000)
}

async function gone(isRunning: () => boolean, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout
  while (isRunning() && performance.now() < deadline) await delay(5)
  return !isRunning()
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between the look and the signal, which is what was wanted.
  }
}
