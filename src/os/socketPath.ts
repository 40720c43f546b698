import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** unix(7): a socket's path has 107 bytes at most. */
const SOCKET_PATH_LENGTH = 107

/** Calls `use` with a path to a Unix socket that is short enough, as long as it takes; a long one goes by its folder. */
export async function withSocketPath<T>(socket: string, use: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(socket) <= SOCKET_PATH_LENGTH) return await use(socket)
  const folder = openSync(dirname(socket), constants.O_RDONLY)
  try {
    return await use(`/proc/self/fd/${folder}/${basename(socket)}`)
  } finally {
    closeSync(folder)
  }
}
