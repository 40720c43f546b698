/** Failures that one address may have at once, and milliseconds until it has room for another. */
const AT_ONCE = 10
const REFILL = 6000
/** Addresses that are remembered. */
const MOST = 4096

/** How often an address may fail to sign in: what is tried to be guessed cannot be tried often. A bucket of tokens for each. */
export class Failures {
  readonly #accounts = new Map<string, { room: number; since: number }>()
  readonly #now: () => number

  /** `now`: milliseconds by a clock that nobody sets, or who failed once would be barred for as long as it is set back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether an address has failed too often to be listened to now. */
  isBarred(address: string): boolean {
    return this.#roomOf(address) < 1
  }

  note(address: string): void {
    const room = Math.max(0, this.#roomOf(address) - 1)
    const key = keyOf(address)
    // To the end of the order in which addresses are forgotten.
    this.#accounts.delete(key)
    this.#accounts.set(key, { room, since: this.#now() })
    const [oldest] = this.#accounts.keys()
    if (this.#accounts.size > MOST && oldest !== undefined) this.#accounts.delete(oldest)
  }

  #roomOf(address: string): number {
    const account = this.#accounts.get(keyOf(address))
    if (!account) return AT_ONCE
    return Math.min(AT_ONCE, account.room + (this.#now() - account.since) / REFILL)
  }
}

/** Whoever has one IPv6 address has the whole /64. */
function keyOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const after = tail.split(':').filter(Boolean)
  const all = address.includes('::')
    ? [
        ...groups,
        ...Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0'),
        ...after,
      ]
    : groups
  return all.slice(0, 4).join(':')
}
