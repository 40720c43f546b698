import type { GuestType } from '../src/core/guest/names.ts'

/** The files whose changes pmxcfs counts in `.version`; those the lab may write. Guests' files are not among them. */
const TRACKED_FILES = [
  'corosync.conf',
  'storage.cfg',
  'user.cfg',
  'datacenter.cfg',
  'sdn/vnets.cfg',
  'sdn/zones.cfg',
  'sdn/subnets.cfg',
  'sdn/.running-config',
  'firewall/cluster.fw',
]

/** Where the nodes of the cluster find the one of this number, counted from 1: as they are cabled to a router of the lab. */
export function memberAddress(number: number): string {
  return `2001:db8:ffff::${10 + number}`
}

interface ListedGuest {
  readonly node: string
  readonly type: GuestType
  readonly version: number
}

/**
 * The counters of a pmxcfs, which say what changed but not in which order: they start over with each start, and two
 * nodes never agree on them. `.vmlist`'s counter rises with each change of a guest's file; one `version` counter is
 * shared by all guests.
 */
export class PmxcfsCounters {
  readonly #nodes: readonly string[]
  readonly #guests = new Map<number, ListedGuest>()
  readonly #files = new Map<string, number>(TRACKED_FILES.map(file => [file, 1]))
  #startTime: number
  #vmlist = 1
  #lastGuestVersion = 0

  /** `nodes`: the cluster's, this pmxcfs's own first. `startTime` in seconds since 1970. */
  constructor(nodes: readonly string[], startTime: number) {
    this.#nodes = nodes
    this.#startTime = startTime
  }

  /** A guest's file was written, even if with the same content. */
  register(vmid: number, node: string, type: GuestType): void {
    this.#vmlist++
    this.#guests.set(vmid, { node, type, version: ++this.#lastGuestVersion })
  }

  /** A guest's file went away. */
  forget(vmid: number): void {
    this.#vmlist++
    this.#guests.delete(vmid)
  }

  /** Any other file was written; most are not counted. */
  touch(path: string): void {
    const version = this.#files.get(path)
    if (version !== undefined) this.#files.set(path, version + 1)
  }

  /** pmxcfs starts again: all counters start over. */
  restart(startTime: number): void {
    this.#startTime = Math.max(startTime, this.#startTime + 1)
    this.#vmlist = 1
    this.#lastGuestVersion = 0
    for (const [vmid, guest] of this.#guests)
      this.#guests.set(vmid, { ...guest, version: ++this.#lastGuestVersion })
    for (const file of this.#files.keys()) this.#files.set(file, 1)
  }

  /** `.version` */
  version(): object {
    const kvstore = Object.fromEntries(this.#nodes.map(node => [node, { tasklist: 1 }]))
    return {
      starttime: this.#startTime,
      clinfo: 1,
      vmlist: this.#vmlist,
      ...Object.fromEntries(this.#files),
      kvstore,
    }
  }

  /** `.vmlist`; without guests there is no `ids` at all. */
  vmlist(): object {
    if (this.#guests.size === 0) return { version: this.#vmlist }
    return { version: this.#vmlist, ids: Object.fromEntries(this.#guests) }
  }

  /** `.members`; a node that is in no cluster knows only its own name. */
  members(): object {
    const [nodename] = this.#nodes
    if (this.#nodes.length === 1) return { nodename, version: 1 }
    const nodelist = Object.fromEntries(
      this.#nodes.map((node, index) => [node, { id: index + 1, online: 1, ip: memberAddress(index + 1) }]),
    )
    const cluster = { name: 'lab', version: this.#nodes.length, nodes: this.#nodes.length, quorate: 1 }
    return { nodename, version: 1, cluster, nodelist }
  }
}
