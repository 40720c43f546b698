import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, type LabProcess, type Outcome, type RunOptions, run } from './process.ts'
import type { Site } from './site.ts'

/** A network namespace with a name: where commands run, and what to enter it with. */
export class Namespace {
  /** What it is a part of. */
  readonly lab: Site
  readonly netns: string
  /** The words in front of a command that make it run inside. */
  readonly enter: readonly string[]

  constructor(lab: Site, netns: string, enter: readonly string[] = ['ip', 'netns', 'exec', netns]) {
    this.lab = lab
    this.netns = netns
    this.enter = enter
  }

  /** Runs a command that has to succeed and returns its standard output. */
  run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    return run([...this.enter, command, ...args], options)
  }

  /** Runs a command that may fail. */
  attempt(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> {
    return attempt([...this.enter, command, ...args], options)
  }

  /** Starts a long-lived process; its output goes to `<log>.log` among the lab's logs. */
  spawn(log: string, command: string, args: readonly string[] = []): LabProcess {
    return this.lab.spawn(`${this.netns}-${log}`, [...this.enter, command, ...args])
  }

  /**
   * Runs lines of `ip -batch` in one process; the first that fails ends it. Not through `enter`: the lines name other
   * namespaces of the lab, and only the machine's own /run/netns shows those.
   */
  async ip(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await batch(['-n', this.netns], lines)
  }

  /** What `ip -j …` says inside. */
  async ipJson<T>(...args: string[]): Promise<T[]> {
    return JSON.parse((await run(['ip', '-n', this.netns, '-j', ...args])) || '[]') as T[]
  }

  /** What it looks like inside now, as text for a failing test. */
  async dump(): Promise<string> {
    const answers = QUESTIONS.map(async ([command, ...args]) => {
      const { stdout, stderr } = await this.attempt(command, args)
      return `--- ${this.netns}: ${command} ${args.join(' ')}\n${stdout}${stderr}`
    })
    return (await Promise.all(answers)).join('\n')
  }
}

const QUESTIONS = [
  ['ip', '-br', 'link'],
  ['ip', '-j', 'addr'],
  ['ip', '-j', '-4', 'route', 'show', 'table', 'all'],
  ['ip', '-j', '-6', 'route', 'show', 'table', 'all'],
  ['ip', '-j', '-4', 'rule'],
  ['ip', '-j', '-6', 'rule'],
  ['ip', '-j', 'neigh'],
  ['bridge', 'link'],
  ['nft', 'list', 'ruleset'],
] as const

/** Creates named network namespaces, all in one process. */
export async function addNamespaces(names: readonly string[]): Promise<void> {
  if (names.length > 0)
    await batch(
      [],
      names.map(name => `netns add ${name}`),
    )
}

/** Ends every process inside named network namespaces, then removes them. Names that do not exist are fine. */
export async function deleteNamespaces(names: readonly string[]): Promise<void> {
  const existing = new Set(readdirOrNothing(NETNS))
  const mine = names.filter(name => existing.has(name))
  if (mine.length === 0) return
  await endProcessesIn(mine.map(name => join(NETNS, name)))
  await batch(
    [],
    mine.map(name => `netns del ${name}`),
  )
}

/** Ends every process whose network namespace is one of these files: children of the lab's processes, wherever they went. */
export async function endProcessesIn(namespaceFiles: readonly string[]): Promise<void> {
  const inodes = new Set(namespaceFiles.map(file => statSync(file).ino))
  // Never our own, whatever such a file may be.
  inodes.delete(statSync('/proc/self/ns/net').ino)
  for (const pid of processesIn(inodes)) signalIfAlive(pid)
}

const NETNS = '/run/netns'

async function batch(options: readonly string[], lines: readonly string[]): Promise<void> {
  await run(['ip', ...options, '-batch', '-'], { input: `${lines.join('\n')}\n` })
}

function processesIn(inodes: ReadonlySet<number>): number[] {
  return readdirSync('/proc')
    .filter(name => /^[0-9]+$/.test(name))
    .map(Number)
    .filter(pid => {
      const inode = networkNamespaceOf(pid)
      return inode !== undefined && inodes.has(inode)
    })
}

/** The inode of a process's network namespace; `undefined` for a process that is gone or has ended. */
function networkNamespaceOf(pid: number): number | undefined {
  try {
    return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0])
  } catch {
    return undefined
  }
}

function signalIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

export function readdirOrNothing(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
