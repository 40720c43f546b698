import { type KeyObject, verify } from 'node:crypto'

/** What a ticket says of itself; nothing of it is known to be true before its signature is. */
export interface Ticket {
  /** `alice@pve` */
  readonly user: string
  /** Unix seconds. */
  readonly time: number
  /** What is signed. */
  readonly signed: string
  readonly signature: Buffer
}

/** One of the cluster's public keys. */
export interface TicketKey {
  readonly key: KeyObject
  /** Unix seconds: when it was made; of the one before it, when it was replaced. */
  readonly since: number
  readonly isReplaced: boolean
}

/** Seconds: how long a ticket is good, and how far clocks of nodes may differ (PVE::AccessControl). */
const LIFETIME = 7200
const GRACE = 300

/**
 * Reads what the cookie PVEAuthCookie holds: `PVE:<user>:<time>::<signature>` (PVE::Ticket). `undefined`: it is not one, or is of
 * somebody who has given a password but not yet the second factor.
 */
export function readTicket(text: string): Ticket | undefined {
  const [, signed, data, time, signature] =
    /^(PVE:([^\s:]+):([0-9A-F]{8}))::([A-Za-z0-9+/]{1,2048}={0,2})$/.exec(text) ?? []
  if (signed === undefined || data === undefined || time === undefined || signature === undefined)
    return undefined
  const user = userOf(data)
  if (user === undefined) return undefined
  return { user, time: Number.parseInt(time, 16), signed, signature: Buffer.from(signature, 'base64') }
}

/** A second factor is asked for by tickets whose data begins with what no user's name does: `!tfa!`, `tfa!`, `u2f!`. */
function userOf(data: string): string | undefined {
  const [, finished] = /^u2f!([^!]+)!verified$/.exec(data) ?? []
  const name = finished ?? data
  try {
    const user = decodeURIComponent(name)
    return /^[^\s:/!]+@[A-Za-z][A-Za-z0-9.\-_]+$/.test(user) ? user : undefined
  } catch {
    return undefined
  }
}

/** Whether a key of the cluster's signed this ticket, and it is neither too old nor of the future. `now` in Unix seconds. */
export function isGenuine(ticket: Ticket, keys: readonly TicketKey[], now: number): boolean {
  return keys.some(key => isOfAge(ticket, key, now) && isSignedBy(ticket, key))
}

/** A replaced key signs nothing any more, and a new one signed nothing before it was made. */
function isOfAge({ time }: Ticket, { since, isReplaced }: TicketKey, now: number): boolean {
  const age = now - time
  if (age < -GRACE || age > LIFETIME) return false
  return isReplaced ? time <= since + GRACE : time >= since - GRACE
}

function isSignedBy({ signed, signature }: Ticket, { key }: TicketKey): boolean {
  return verify('RSA-SHA1', Buffer.from(signed), key, signature)
}
