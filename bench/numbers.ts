import { InvalidArgumentError } from 'commander'

/** Two for each guest: even numbers. */
export function sizesOf(text: string): number[] {
  const sizes = text.split(',').map(Number)
  if (sizes.every(size => size % 2 === 0 && size >= 2 && size <= 15_000)) return sizes
  throw new InvalidArgumentError('They must be even numbers from 2 to 15000, with commas between them.')
}

export function guestsOf(text: string): number {
  const guests = Number(text)
  // Two octets of the guests' hardware addresses and networks are made of their number.
  if (Number.isInteger(guests) && guests >= 20 && guests <= 2000) return guests
  throw new InvalidArgumentError('It must be a number from 20 to 2000.')
}

/** Two octets of the announced guests' addresses are made of their number. */
export function clusterOf(text: string): number {
  const cluster = Number(text)
  if (Number.isInteger(cluster) && cluster >= 0 && cluster <= 20_000) return cluster
  throw new InvalidArgumentError('It must be a number up to 20000.')
}

/** Notes name 64 prefixes at most. */
export function addressesOf(text: string): number {
  const addresses = Number(text)
  if (Number.isInteger(addresses) && addresses >= 600 && addresses <= 15_000) return addresses
  throw new InvalidArgumentError('It must be a number from 600 to 15000.')
}

export function migrationsOf(text: string): number {
  const migrations = Number(text)
  if (Number.isInteger(migrations) && migrations >= 1 && migrations <= 100_000) return migrations
  throw new InvalidArgumentError('It must be a number from 1 to 100000.')
}

export function minutesOf(text: string): number {
  const minutes = Number(text)
  if (minutes >= 1 && minutes <= 1440) return minutes
  throw new InvalidArgumentError('It must be a number from 1 to 1440.')
}
