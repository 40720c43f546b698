import { isFirewallLink, isGuestPort } from '../core/guest/links.ts'
import type { Link, Links } from '../core/node/link.ts'
import { asKnown } from '../core/values/memo.ts'
import { readLink } from './linkFiles.ts'
import { observeLinks } from './links.ts'

export interface LinkTableOptions {
  /** Somebody hands over each line of `ip -o monitor link`, and calls `forget` when some may be missing. */
  readonly remembers?: boolean
  readonly list?: () => Promise<Links>
  readonly read?: (name: string) => Link | undefined
}

/**
 * The node's links. With `remembers` they are listed once and then kept by what the kernel tells: each line of
 * `ip -o monitor link` names one link, and that one is looked at. A node with 300 guests behind firewall bridges has 1,500 links.
 *
 * Traps:
 * - A port that leaves its bridge is told as `Deleted`, with the bridge as its master, although the link stays. A link that
 *   goes has left its bridge before, so it is told without a master.
 * - A link that is told to be gone may still be seen in /sys for a moment: the line counts.
 */
export class LinkTable {
  readonly #remembers: boolean
  readonly #list: () => Promise<Links>
  readonly #read: (name: string) => Link | undefined
  #known: Links | undefined
  /** What was known when it was last listed, or forgotten. */
  #former: Links | undefined
  /** Lines that came while the links were being listed: the list may be from before or after them. */
  #meanwhile: string[] | undefined

  constructor({ remembers = false, list = observeLinks, read = readLink }: LinkTableOptions = {}) {
    this.#remembers = remembers
    this.#list = list
    this.#read = read
  }

  /** The links as they are, a value that does not change any more. Throws when `ip` itself does not work. */
  async observe(): Promise<Links> {
    if (this.#known) return this.#known
    this.#meanwhile = []
    try {
      const listed = await this.#list()
      if (!this.#remembers) return listed
      this.#known = asKnown(listed, this.#former, isEqual)
      for (const line of this.#meanwhile) this.#take(line)
      return this.#known
    } finally {
      this.#meanwhile = undefined
    }
  }

  /** Takes a line of `ip -o monitor link`; whether anything changed by it that matters. */
  told(line: string): boolean {
    this.#meanwhile?.push(line)
    return this.#known === undefined || this.#take(line)
  }

  /** Somebody may have changed something that was not told. */
  forget(): void {
    this.#former = this.#known ?? this.#former
    this.#known = undefined
  }

  #take(line: string): boolean {
    const told = parseLinkLine(line)
    if (!told || !this.#known) return true
    const before = this.#known.get(told.name)
    if (before && saysTheSame(told, before)) return false
    const now = told.isGone ? undefined : this.#read(told.name)
    if (told.isGone && before?.ifindex !== told.ifindex) return false
    if (isEqual(before, now)) return false
    const renamed = before?.ifindex === now?.ifindex ? undefined : this.#otherName(now)
    const next = new Map(this.#known)
    if (renamed !== undefined) next.delete(renamed)
    if (now) next.set(now.name, now)
    else next.delete(told.name)
    this.#known = next
    return renamed !== undefined || matters(told.name, before, now)
  }

  /** What a link was called before. */
  #otherName(link: Link | undefined): string | undefined {
    if (!link) return undefined
    const all = [...(this.#known?.values() ?? [])]
    return all.find(({ ifindex, name }) => ifindex === link.ifindex && name !== link.name)?.name
  }
}

/** Whether a change of a link can change what is served or announced. */
function matters(name: string, before: Link | undefined, now: Link | undefined): boolean {
  // The links between a guest's port and its bridge come and go with the port, which is told as well.
  if (isFirewallLink(name)) return false
  if (!before || !now || !isGuestPort(name)) return true
  return before.ifindex !== now.ifindex || before.up !== now.up || before.master !== now.master
}

const KEYS = ['name', 'ifindex', 'mtu', 'up', 'carrier', 'master', 'alias'] as const satisfies (keyof Link)[]

function isEqual(a: Link | undefined, b: Link | undefined): boolean {
  return KEYS.every(key => a?.[key] === b?.[key])
}

/** What a line of `ip -o monitor link`, ip-monitor(8), tells of a link. */
export interface LinkLine extends Pick<Link, 'name' | 'ifindex' | 'up' | 'carrier' | 'master'> {
  readonly isGone: boolean
  /** It left its bridge, which the bridge tells, too. */
  readonly isDeleted: boolean
  /** Bytes; absent: not told. */
  readonly mtu?: number
  readonly hasAlias: boolean
}

export function parseLinkLine(line: string): LinkLine | undefined {
  const [, deleted, ifindex, name = '', flags = '', rest = ''] =
    /^(Deleted )?(\d+): ([^:@\s]+)\S* <([^>]*)> ?(.*)$/.exec(line) ?? []
  if (ifindex === undefined) return undefined
  const [, mtu] = /\bmtu (\d+)/.exec(rest) ?? []
  const [, master] = /\bmaster (\S+)/.exec(rest) ?? []
  const all = flags.split(',')
  return {
    name,
    ifindex: Number(ifindex),
    up: all.includes('UP'),
    carrier: all.includes('LOWER_UP'),
    ...(mtu !== undefined && { mtu: Number(mtu) }),
    ...(master !== undefined && { master }),
    hasAlias: / alias /.test(rest),
    isDeleted: deleted !== undefined,
    isGone: deleted !== undefined && master === undefined,
  }
}

/**
 * Whether a line tells no more of a link than is known: as when a bridge tells of the state of its ports. What happened after it
 * is told after it. Not all lines tell a link's alias, and only guestnet's own links have one.
 */
function saysTheSame(line: LinkLine, known: Link): boolean {
  const isTold = !line.isDeleted && line.mtu !== undefined && !line.hasAlias && known.alias === undefined
  return isTold && TOLD.every(key => line[key] === known[key])
}

const TOLD = ['ifindex', 'mtu', 'up', 'carrier', 'master'] as const satisfies (keyof Link & keyof LinkLine)[]
