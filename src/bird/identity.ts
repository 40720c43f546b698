import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { readText } from '../os/files.ts'

/**
 * Whether a process is a BIRD that root has started in this node's own place, told by what the kernel says of it and not by what
 * it says of itself: anybody may give a process any words as arguments, and a guest that is a container has processes here, too.
 */
export function isRootsBird(pid: number, network: 'own' | 'any'): boolean {
  try {
    const isBird = basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '') === 'bird'
    const trusted = trustedUids()
    const isTrusted = uidsOf(pid).every(uid => trusted.has(uid))
    const isHere = isInOurs(pid, 'pid') && (network === 'any' || isInOurs(pid, 'net'))
    return isBird && isTrusted && isHere
  } catch {
    // It is gone.
    return false
  }
}

/** Real, effective, saved and of the file system, proc(5). */
function uidsOf(pid: number): number[] {
  const [, ids = ''] = /^Uid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const uids = ids.split(/\s+/).map(Number)
  // None at all must not mean that all are trusted.
  return uids.length === 4 ? uids : [Number.NaN]
}

/** Root's, which this process is, and that of the user whom Debian's package makes for BIRD. */
function trustedUids(): Set<number> {
  const users = readText('/etc/passwd')
  const [, bird] = (users.ok && /^bird:[^:]*:([0-9]+):/m.exec(users.text)) || []
  return new Set([0, process.getuid?.() ?? 0, ...(bird === undefined ? [] : [Number(bird)])])
}

function isInOurs(pid: number, kind: 'net' | 'pid'): boolean {
  return readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`)
}
