import { createPublicKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { readText, statOf } from '../../os/files.ts'
import { isGenuine, readTicket, type TicketKey } from './ticket.ts'
import { isNodeSecret, readTokens, tokenOf } from './tokens.ts'
import { enabledUsers } from './users.ts'

/** Who signed in; or why nobody did. */
export type Verdict =
  | { readonly ok: true; readonly who: string }
  /** `unknown`: what was shown proves nothing. `forbidden`: it does, but of somebody who may not look. */
  | { readonly ok: false; readonly why: 'unknown' | 'forbidden' }

const UNKNOWN = { ok: false, why: 'unknown' } as const

/** Who may look, by what Proxmox VE knows of the cluster's users, read anew each time: it is a few small files. */
export class Access {
  readonly #pveRoot: string
  readonly #now: () => number
  readonly #keys = new Map<string, { text: string; key: KeyObject }>()

  /** `now` in milliseconds since 1970. */
  constructor(pveRoot: string, now: () => number = Date.now) {
    this.#pveRoot = pveRoot
    this.#now = now
  }

  /** Whoever is signed in at Proxmox's own page with this ticket, if that is root@pam or one of `users`. */
  byTicket(text: string, users: readonly string[]): Verdict {
    const now = Math.floor(this.#now() / 1000)
    const ticket = readTicket(text)
    if (!ticket || !isGenuine(ticket, this.#ticketKeys(), now)) return UNKNOWN
    const { user } = ticket
    const mayLook = user === 'root@pam' || users.includes(user)
    const isEnabled = enabledUsers(this.#text('user.cfg') ?? '', now).has(user)
    return mayLook && isEnabled ? { ok: true, who: user } : { ok: false, why: 'forbidden' }
  }

  /** A machine with a token, or another node. */
  byToken(secret: string): Verdict {
    if (isNodeSecret(this.#pveRoot, secret)) return { ok: true, who: 'a node of the cluster' }
    try {
      const name = tokenOf(secret, readTokens(this.#pveRoot))
      return name === undefined ? UNKNOWN : { ok: true, who: `token ${name}` }
    } catch {
      return UNKNOWN
    }
  }

  #ticketKeys(): TicketKey[] {
    return (['authkey.pub', 'authkey.pub.old'] as const).flatMap((name): TicketKey[] => {
      const key = this.#key(name)
      const since = statOf(join(this.#pveRoot, name))?.mtimeMs
      return key && since !== undefined
        ? [{ key, since: Math.floor(since / 1000), isReplaced: name.endsWith('.old') }]
        : []
    })
  }

  #key(name: string): KeyObject | undefined {
    const text = this.#text(name)
    if (text === undefined) return undefined
    const known = this.#keys.get(name)
    if (known?.text === text) return known.key
    try {
      const key = createPublicKey(text)
      this.#keys.set(name, { text, key })
      return key
    } catch {
      // Half written: the next request reads it again.
      return undefined
    }
  }

  #text(name: string): string | undefined {
    const file = readText(join(this.#pveRoot, name))
    return file.ok ? file.text : undefined
  }
}
