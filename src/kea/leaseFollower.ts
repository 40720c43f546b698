import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { Lease } from '../core/dhcp/lease.ts'
import { parseAddress } from '../core/values/address.ts'
import { parseMac } from '../core/values/mac.ts'

/** What kea-lfc(8) leaves while and after it tidies up, from the oldest to the newest. */
const ENDINGS = ['.2', '.1', '.completed', '']

const CHUNK = 65_536

/**
 * What a Kea's lease file says by now. Kea only ever adds rows, so only those are read that came since the last time; when
 * Kea has begun another file, because it tidies up, all are read again: then they are few. The folder belongs to Kea's
 * unprivileged user, so nothing but an ordinary file is read, and what is kept is one row for each address.
 */
export class LeaseFollower {
  readonly #folder: string
  readonly #name: string
  readonly #rows = new Map<string, string>()
  /** By row: what it says. */
  readonly #leases = new Map<string, readonly Lease[]>()
  /** The address whose rows are left out. */
  readonly #except: string | undefined
  #header = ''
  /** What the rows come to, until one of them changes. */
  #known: { text?: string; leases?: readonly Lease[] } = {}
  #newest: { inode: number; offset: number } | undefined

  /** `except`: an address that nobody wants to know of. */
  constructor(folder: string, name: string, except?: string) {
    this.#folder = folder
    this.#name = name
    this.#except = except
  }

  /** Reads what is new. Returns the bytes read. */
  update(): number {
    const newest = this.#open('')
    try {
      const inode = newest === undefined ? undefined : fstatSync(newest).ino
      if (newest !== undefined && this.#newest && this.#newest.inode === inode) return this.#readOn(newest)
      return this.#readAll()
    } finally {
      if (newest !== undefined) closeSync(newest)
    }
  }

  /** Whether there was a file to be read. */
  get isThere(): boolean {
    return this.#newest !== undefined
  }

  /** One row for each address, as a lease file of its own; empty where there is none. */
  get text(): string {
    this.#known.text ??= this.#rows.size === 0 ? '' : `${[this.#header, ...this.#rows.values()].join('\n')}\n`
    return this.#known.text
  }

  /** The leases that are in use, each with the hardware address that Kea knows its holder by: the same list while none changes. */
  get leases(): readonly Lease[] {
    this.#known.leases ??= [...this.#rows.values()].flatMap(row => this.#leaseOf(row))
    return this.#known.leases
  }

  #leaseOf(row: string): readonly Lease[] {
    const known = this.#leases.get(row)
    if (known) return known
    // Of each address one row counts.
    if (this.#leases.size > 2 * this.#rows.size) this.#leases.clear()
    const lease = leaseIn(this.#header.split(','), row.split(','))
    this.#leases.set(row, lease)
    return lease
  }

  #readAll(): number {
    this.#leases.clear()
    this.#rows.clear()
    this.#known = {}
    let bytes = 0
    for (const ending of ENDINGS) {
      const file = this.#open(ending)
      if (file === undefined) continue
      try {
        this.#newest = { inode: fstatSync(file).ino, offset: 0 }
        bytes += this.#readOn(file)
      } finally {
        closeSync(file)
      }
    }
    return bytes
  }

  /** From where the last reading ended, whole rows only: the rest is read again when it has its end. */
  #readOn(file: number): number {
    const from = this.#newest
    if (!from) return 0
    const decoder = new StringDecoder('utf8')
    const chunk = Buffer.allocUnsafe(CHUNK)
    let rest = ''
    let position = from.offset
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK, position)
      if (length === 0) break
      position += length
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#take(line)
      // No row of Kea's is as long.
      if (rest.length > CHUNK) rest = ''
    }
    const read = position - from.offset
    from.offset = position - Buffer.byteLength(rest)
    return read
  }

  #take(line: string): void {
    if (line.startsWith('address,')) {
      this.#header = line
      return
    }
    const address = line.slice(0, line.indexOf(','))
    if (address === '' || address === this.#except) return
    this.#rows.set(address, line)
    this.#known = {}
  }

  #open(ending: string): number | undefined {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    try {
      const file = openSync(join(this.#folder, `${this.#name}${ending}`), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      if (fstatSync(file).isFile()) return file
      closeSync(file)
      return undefined
    } catch {
      return undefined
    }
  }
}

function leaseIn(columns: readonly string[], row: readonly string[]): Lease[] {
  const columnOf = (column: string) => row[columns.indexOf(column)] ?? ''
  const address = parseAddress(columnOf('address'))
  const mac = parseMac(columnOf('hwaddr'))
  const secondsIn = (column: string) =>
    /^[0-9]{1,12}$/.test(columnOf(column)) ? Number(columnOf(column)) : 0
  const lifetime = secondsIn('valid_lifetime')
  const expires = secondsIn('expire')
  const isInUse = columnOf('state') === '0' && lifetime > 0 && expires > 0
  return address && mac && isInUse ? [{ address, mac, since: expires - lifetime, expires }] : []
}
