import { type Address, lengthOf, octetsOf, type Prefix } from './address.ts'
import { memoOfText } from './memo.ts'
import { addressIn } from './prefix.ts'

interface Entry<T> {
  /** The first address, and the last, as numbers. */
  readonly first: bigint
  readonly last: bigint
  readonly item: T
}

/** The networks of one family. */
interface Networks<T> {
  /** By the first address. */
  readonly inOrder: Entry<T>[]
  /** By length, then by the first address. */
  readonly byLength: Map<number, Map<bigint, Entry<T>[]>>
}

/**
 * Things by the networks they have, to be asked which of them have an address in common with another network, without going through all:
 * of two networks that do, one lies within the other.
 */
export class PrefixIndex<T> {
  readonly #networks: { readonly [Size in 32 | 128]: Networks<T> } = {
    32: { inOrder: [], byLength: new Map() },
    128: { inOrder: [], byLength: new Map() },
  }

  constructor(entries: Iterable<readonly [Prefix, T]> = []) {
    for (const [prefix, item] of entries) {
      const { entry, networks } = this.#take(prefix, item)
      networks.inOrder.push(entry)
    }
    for (const { inOrder } of Object.values(this.#networks))
      inOrder.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  }

  add(prefix: Prefix, item: T): void {
    const { entry, networks } = this.#take(prefix, item)
    networks.inOrder.splice(placeIn(networks.inOrder, entry.first), 0, entry)
  }

  /** Takes a thing out that was put in with that network. */
  remove(prefix: Prefix, item: T): void {
    const { first, length, size } = rangeOf(prefix)
    const { inOrder, byLength } = this.#networks[size]
    const sameFirst = byLength.get(length)?.get(first) ?? []
    const entry = sameFirst.find(one => one.item === item)
    if (!entry) return
    inOrder.splice(inOrder.indexOf(entry, placeIn(inOrder, first)), 1)
    const others = sameFirst.filter(one => one !== entry)
    if (others.length > 0) byLength.get(length)?.set(first, others)
    else byLength.get(length)?.delete(first)
  }

  /** One of those that overlap a network and are wanted; `undefined`: there is none. */
  find(prefix: Prefix, isWanted: (item: T) => boolean): T | undefined {
    for (const item of this.overlapping(prefix)) if (isWanted(item)) return item
    return undefined
  }

  /** Those that overlap a network. */
  *overlapping(prefix: Prefix): Generator<T> {
    const { first, last, length, size } = rangeOf(prefix)
    const { inOrder, byLength } = this.#networks[size]
    for (let at = placeIn(inOrder, first); at < inOrder.length; at++) {
      const entry = inOrder[at]
      if (!entry || entry.first > last) break
      // A wider one that begins there comes below.
      if (entry.last <= last) yield entry.item
    }
    for (const [wider, networks] of byLength) {
      const around = wider < length ? networks.get(firstOf(first, wider, size)) : undefined
      for (const { item } of around ?? []) yield item
    }
  }

  #take(prefix: Prefix, item: T): { entry: Entry<T>; networks: Networks<T> } {
    const { first, last, length, size } = rangeOf(prefix)
    const entry = { first, last, item }
    const networks = this.#networks[size]
    const ofLength = networks.byLength.get(length) ?? new Map<bigint, Entry<T>[]>()
    networks.byLength.set(length, ofLength)
    ofLength.set(first, [...(ofLength.get(first) ?? []), entry])
    return { entry, networks }
  }
}

/** Where the first entry is that does not begin before an address. */
function placeIn<T>(inOrder: readonly Entry<T>[], first: bigint): number {
  let [low, high] = [0, inOrder.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((inOrder[middle]?.first ?? first) < first) low = middle + 1
    else high = middle
  }
  return low
}

interface Range {
  readonly first: bigint
  readonly last: bigint
  readonly length: number
  readonly size: 32 | 128
}

/** The same networks are asked for in each look. */
const rangeOf = memoOfText((prefix: Prefix): Range => {
  const size = prefix.includes(':') ? 128 : 32
  const length = lengthOf(prefix)
  const first = numberOf(addressIn(prefix))
  return { first, last: first + (1n << BigInt(size - length)) - 1n, length, size }
})

/** The first address of the network of that length which an address lies in. */
function firstOf(address: bigint, length: number, size: number): bigint {
  const host = BigInt(size - length)
  return (address >> host) << host
}

function numberOf(address: Address): bigint {
  return octetsOf(address).reduce((number, octet) => (number << 8n) | BigInt(octet), 0n)
}
