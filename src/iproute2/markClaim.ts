import { rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Settings } from '../core/node/settings.ts'
import { markOf } from '../core/routing/mark.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { exists, readText } from '../os/files.ts'
import { takeLock } from '../os/lockFile.ts'
import { hasOpen } from '../os/openFiles.ts'

/** Where it is written down which instance has which mark. No instance has a dot in its name, so none has this as its run directory. */
export const MARKS = '/run/guestnet.marks'

type Instance = Pick<Settings, 'name' | 'runDir'>

/** `isOwnAgent`: another process has this very instance, and no other instance is in the way. */
export type Taking = Result<object, { readonly isOwnAgent: boolean }>

/** What is in the file of a mark: the instance that has it, and the process that last took it. */
const ClaimSchema = z.object({ name: z.string(), runDir: z.string(), pid: z.int() })

type Claim = Readonly<z.infer<typeof ClaimSchema>>

/**
 * Takes the mark by which an instance knows its own in the kernel (decision 7), for as long as this process lives. The
 * instance itself has it until it is torn down, running or not: what it set up is there without an agent.
 */
export async function takeMark(instance: Instance, folder: string = MARKS): Promise<Taking> {
  const path = fileOf(instance.name, folder)
  const isFree = await takeLock(path)
  const claim = claimIn(path)
  if (!isFree || isOfAnother(instance, claim)) return refused(instance, claim, path)
  const mine = JSON.stringify({ name: instance.name, runDir: instance.runDir, pid: process.pid })
  // In place: the lock is on this very file.
  writeFileSync(path, mine)
  return DONE
}

/** Whether no other instance on this node has the mark of this one. Takes nothing. */
export function isMarkFree(instance: Instance, folder: string = MARKS): Taking {
  const path = fileOf(instance.name, folder)
  const claim = claimIn(path)
  return isOfAnother(instance, claim) ? refused(instance, claim, path) : DONE
}

/** Gives up the mark that this process has taken, once nothing of the instance is left. */
export function giveUpMark({ name, runDir }: Instance, folder: string = MARKS): void {
  if (exists(runDir)) return
  rmSync(fileOf(name, folder), { force: true })
  try {
    rmdirSync(folder)
  } catch {
    // Other instances have marks, too.
  }
}

/** Marks are in the kernel, and each network namespace has routes, neighbours and rules of its own. */
function fileOf(name: string, folder: string): string {
  return join(folder, `${statSync('/proc/self/ns/net').ino}.${markOf(name)}`)
}

/** `undefined`: nobody has written one, or somebody is just about to. Throws if what is there was not written by guestnet. */
function claimIn(path: string): Claim | undefined {
  const read = readText(path)
  if (!read.ok || read.text === '') return undefined
  return ClaimSchema.parse(JSON.parse(read.text))
}

/** One whose run directory is gone has been torn down, or is of a network namespace that is gone. */
function isOfAnother({ name }: Instance, claim: Claim | undefined): claim is Claim {
  return claim !== undefined && claim.name !== name && exists(claim.runDir)
}

function refused({ name }: Instance, claim: Claim | undefined, path: string): Taking {
  if (claim?.name === name) return ownAgent(name)
  const other = claim
    ? `${claim.name}, which ${stateOf(claim, path)}`
    : 'another instance, which is just starting'
  return {
    ...failed(
      `the name ${name} has the same mark in the kernel, ${markOf(name)}, as ${other}: each would take the routes, neighbours and rules of the other for its own and remove them. Give this instance another --name`,
    ),
    isOwnAgent: false,
  }
}

/** What is told where another process has the instance. */
export function ownAgent(name: string): Taking {
  return { ...failed(`an agent named ${name} is running on this node`), isOwnAgent: true }
}

function stateOf({ name, runDir, pid }: Claim, path: string): string {
  return hasOpen(pid, path)
    ? `runs on this node as process ${pid}`
    : `does not run but has set up what is here (guestnet teardown --name ${name} --run-dir ${runDir} removes it)`
}
