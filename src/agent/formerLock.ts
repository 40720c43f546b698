import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { hasOpen } from '../os/openFiles.ts'

/**
 * The process of an older guestnet that has an instance: until 0.1 that was whoever had bound an abstract socket, unix(7), of
 * the instance's name. Anybody can bind one, so only one of root's counts that runs Node, as guestnet does.
 *
 * For one release: an agent of the next one does not have to know of it.
 */
export function formerHolder(name: string): number | undefined {
  const inode = inodeOf(`@guestnet/${name}`)
  return inode === undefined
    ? undefined
    : processes().find(pid => isRootsNode(pid) && hasOpen(pid, `socket:[${inode}]`))
}

/** Of a listening abstract socket of this network namespace, proc(5). Some versions of Node fill the name up with zeros, shown as @. */
function inodeOf(path: string): string | undefined {
  const line = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find(candidate => candidate.replace(/@+$/, '').endsWith(` ${path}`))
  return line?.trim().split(/\s+/).at(-2)
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter(name => /^[1-9][0-9]*$/.test(name))
    .map(Number)
}

function isRootsNode(pid: number): boolean {
  try {
    const isRoots = statSync(`/proc/${pid}`).uid === process.getuid?.()
    return isRoots && basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('node')
  } catch {
    return false
  }
}
