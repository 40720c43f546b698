import { readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Link } from '../core/node/link.ts'

/** Where the kernel shows the links of a network namespace, each a folder of small files: sysfs(5), Documentation/ABI/testing/sysfs-class-net. */
const FOLDER = '/sys/class/net'

/** `IFF_UP` of netdevice(7). */
const IFF_UP = 1

/**
 * One link as it is at this moment, without a process; `undefined` where there is none. The files are read one after the other,
 * so what changes meanwhile may be seen in part: the kernel tells of that change, and the link is read again.
 */
export function readLink(name: string, folder: string = FOLDER): Link | undefined {
  const at = join(folder, name)
  try {
    const ifindex = Number(read(at, 'ifindex'))
    const mtu = Number(read(at, 'mtu'))
    const up = (Number(read(at, 'flags')) & IFF_UP) !== 0
    const alias = read(at, 'ifalias')
    const master = masterOf(at)
    return {
      name,
      ifindex,
      mtu,
      up,
      carrier: up && hasCarrier(at),
      ...(master !== undefined && { master }),
      ...(alias !== '' && { alias }),
    }
  } catch {
    // It went while it was read, or was never there.
    return undefined
  }
}

function read(at: string, name: string): string {
  return readFileSync(join(at, name), 'utf8').trim()
}

/** Reading it fails (EINVAL) where a link is down. */
function hasCarrier(at: string): boolean {
  try {
    return read(at, 'carrier') === '1'
  } catch {
    return false
  }
}

function masterOf(at: string): string | undefined {
  try {
    return basename(readlinkSync(join(at, 'master')))
  } catch {
    return undefined
  }
}
