import { closeSync, fchownSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Family } from '../core/values/family.ts'
import { DONE, failed, type Result } from '../core/values/result.ts'
import { errorText } from '../os/errorText.ts'
import { writeAtomically } from '../os/files.ts'
import { userNamed } from '../os/unprivileged.ts'
import { configSet } from './control.ts'
import { KEA } from './daemons.ts'
import { keaPaths, type SlotFiles } from './directories.ts'
import { loggerOf } from './familyPart.ts'
import { isKeaAt, KEA_USER, leaseFolderOf } from './process.ts'
import { contextOfSpare, withoutNotes } from './stored.ts'

/** What a Kea begins with: its configuration, and the leases that its predecessors gave. */
export interface SlotContent {
  readonly config: string
  readonly leases?: string | undefined
}

/** The configuration of a Kea that answers nobody: what takes long when a Kea starts has been done, and what it serves follows. */
export function renderSpare(family: Family, hooksFolder: string): string {
  const daemon = KEA[family]
  const paths = keaPaths(daemon)
  const config = {
    [daemon.section]: {
      'user-context': contextOfSpare(family),
      // It opens none: one that is open is closed with its configuration, and the kernel takes 20 ms over that (packet(7), RCU).
      'interfaces-config': { interfaces: [] },
      'control-socket': { 'socket-type': 'unix', 'socket-name': paths.socket },
      // Nothing is leased, so nothing has to be tidied up.
      'lease-database': { type: 'memfile', persist: true, name: paths.leases, 'lfc-interval': 0 },
      'hooks-libraries': [{ library: `${hooksFolder}/libdhcp_lease_cmds.so` }],
      'multi-threading': { 'enable-multi-threading': false },
      'shared-networks': [],
      loggers: [loggerOf(daemon.program, paths.log)],
    },
  }
  return `${JSON.stringify(config, null, 1)}\n`
}

/** Milliseconds: with 5,000 reservations it takes 360. */
const CONFIG_SET_TIMEOUT = 5000

/**
 * Has a spare Kea serve, once in its life: requests go to it only after this. First the leases: with its configuration it opens
 * its lease file anew. Its own file comes last, so that this tells what is in force: a Kea whose file still calls it a spare
 * after a crash in between has never been asked anything, and may be told once more.
 */
export async function makeServe(
  pid: number,
  files: SlotFiles,
  { config, leases }: SlotContent,
): Promise<Result> {
  const user = userNamed(KEA_USER)
  if (!user || !isKeaAt(pid, files)) return failed('it is gone')
  try {
    if (leases !== undefined) replaceLeases(join(leaseFolderOf(pid), files.daemon.leasesName), leases, user)
    const set = await configSet(files.socket, withoutNotes(config), CONFIG_SET_TIMEOUT)
    if (!set.ok) return set
    writeAtomically(files.configFile, config, 0o640, user.gid)
    return DONE
  } catch (error) {
    return failed(errorText(error))
  }
}

/** In the folder of Kea's own user, who may have put anything there: neither the new file nor its place can lead elsewhere. */
function replaceLeases(path: string, leases: string, { uid, gid }: { uid: number; gid: number }): void {
  const temporary = `${path}.guestnet`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o640)
  try {
    writeFileSync(file, leases)
    fchownSync(file, uid, gid)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}
