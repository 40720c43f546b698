import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Prefix } from '../core/values/address.ts'
import type { Result } from '../core/values/result.ts'
import { afterListening } from '../os/deadline.ts'
import { withSocketPath } from '../os/socketPath.ts'
import { NAMES, REVISION } from './names.ts'
import { type BirdStatus, type PeerState, readPeers, readPrefixes, readStatus } from './readings.ts'
import { type Reply, ReplyParser, resultOf } from './reply.ts'

/** Milliseconds a BIRD has to answer before it counts as silent: 10,000 routes hold it up for 30. */
const PATIENCE = 1000

/** Milliseconds after which not even one counts as slow that has work to do. */
const LONGEST_PATIENCE = 15_000

/** Milliseconds until one that takes no further connection is asked again. */
const AGAIN_AFTER = 100

/** It is there, and has said nothing for so long, or not even taken the connection. */
class NoAnswer extends Error {}

/** What a running BIRD says of itself, all at one moment. */
export interface BirdAnswers extends BirdStatus {
  /** The revision of the files it has in force; absent if these are not of guestnet's making. */
  readonly revision?: string
  readonly peers: readonly PeerState[]
}

/** Asks a BIRD how it is. Throws when it does not answer. */
export async function lookInside(socket: string, timeout = PATIENCE): Promise<BirdAnswers> {
  const commands = ['show status', `eval ${REVISION}`, 'show protocols all']
  const [status = [], revision = [], protocols = []] = await ask(socket, commands, timeout)
  const known = readRevision(revision)
  return {
    ...readStatus(status),
    ...(known !== undefined && { revision: known }),
    peers: readPeers(protocols),
  }
}

/**
 * The same for a BIRD that would be ended if it did not answer, which costs its sessions: it is asked again, and has twice as
 * long for it, at least once, and then as long as it is only slow, on a node without a CPU to spare or with much to do. Once,
 * as it may have been slow until a moment ago: it answers after its time is over, and waits for nothing when that is looked at.
 */
export async function lookPatiently(socket: string, isSlow: () => boolean): Promise<BirdAnswers> {
  const deadline = performance.now() + LONGEST_PATIENCE
  for (let timeout = PATIENCE; ; timeout *= 2) {
    try {
      return await lookInside(socket, timeout)
    } catch (error) {
      const isLate = error instanceof NoAnswer && performance.now() < deadline
      const isFirst = timeout === PATIENCE
      if (!isLate || !(isFirst || isSlow())) throw error
      await pause(AGAIN_AFTER)
    }
  }
}

/** The revision of the files a BIRD has in force; `undefined` if they are not of guestnet's making. */
export async function revisionInForce(socket: string): Promise<string | undefined> {
  const [reply = []] = await ask(socket, [`eval ${REVISION}`])
  return readRevision(reply)
}

function readRevision(reply: Reply): string | undefined {
  return resultOf(reply).ok ? reply.at(-1)?.text : undefined
}

/** Whether a BIRD is there and answers. */
export async function isAnswering(socket: string, timeout: number): Promise<boolean> {
  try {
    await ask(socket, ['show status'], timeout)
    return true
  } catch {
    return false
  }
}

/**
 * Makes a BIRD read its files again. Sessions whose own settings are as before go on. `soft` also leaves the routes
 * alone that a changed filter would now treat differently: faster, and right when only guests came or went.
 * A refusal's reason has file, line and column. Throws when it does not answer.
 */
export async function configure(socket: string, how: 'soft' | 'whole'): Promise<Result> {
  const [reply = []] = await ask(socket, [how === 'soft' ? 'configure soft' : 'configure'])
  return resultOf(reply)
}

/** Ends a BIRD, which withdraws everything. Whether it will. */
export async function shutDown(socket: string): Promise<boolean> {
  const [reply = []] = await ask(socket, ['down'])
  return resultOf(reply).ok
}

/** The networks a BIRD exports in a session, from its own tables. Throws when it does not answer. */
export async function exportedTo(socket: string, protocol: string): Promise<Set<Prefix>> {
  const commands = [NAMES.ipv4, NAMES.ipv6].map(
    ({ table }) => `show route table ${table} exported ${protocol}`,
  )
  const replies = await ask(socket, commands)
  return new Set(replies.flatMap(reply => [...readPrefixes(reply)]))
}

/**
 * Says commands to a BIRD's control socket, one after the other as birdc does, and returns its answers.
 * Throws when it says nothing for `timeout` milliseconds.
 */
function ask(socket: string, commands: readonly string[], timeout = PATIENCE): Promise<Reply[]> {
  return withSocketPath(socket, path => converse(path, commands, timeout))
}

function converse(path: string, commands: readonly string[], timeout: number): Promise<Reply[]> {
  return new Promise((resolve, reject) => {
    const parser = new ReplyParser()
    const replies: Reply[] = []
    const connection = connect(path).setEncoding('utf8')
    const listen = () =>
      afterListening(timeout, () => connection.destroy(new NoAnswer(`no answer within ${timeout} ms`)))
    let cancel = listen()
    connection.on('data', (text: string) => {
      // Each of its answers has that long: a process that has no CPU to spare comes to its sockets so seldom that several
      // would not, though each was there at once.
      cancel()
      cancel = listen()
      for (const reply of parser.push(text)) {
        replies.push(reply)
        const next = commands[replies.length - 1]
        // The first is BIRD's greeting.
        if (next === undefined) connection.end()
        else connection.write(`${next}\n`)
      }
      if (replies.length > commands.length) resolve(replies.slice(1))
    })
    connection.on('error', (error: NodeJS.ErrnoException) => {
      // One that is busy takes no connections, and the kernel keeps few of them for it (unix(7)).
      const isFull = error.code === 'EAGAIN'
      reject(isFull ? new NoAnswer('too many connections wait for it to answer') : error)
    })
    connection.on('close', () => {
      cancel()
      reject(new Error('BIRD closed its control socket'))
    })
  })
}
