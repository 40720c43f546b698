/** The first guests, which are the ones that are measured, have their own addresses alone. */
const WITHOUT = 60

/** What Notes may name, at most (`src/core/guest/notes.ts`). */
const MOST = 64

/**
 * The head of each guest's configuration, as Proxmox VE writes Notes, for so many announced addresses in all: two of each
 * guest's own, the others host routes of both families behind them. Throws where the guests cannot have as many.
 */
export function notesFor(guests: number, addresses: number): string[] {
  const prefixes = addresses - 2 * guests
  const behind = Array.from({ length: guests }, (): string[] => [])
  const bearers = behind.slice(WITHOUT)
  if (prefixes > bearers.length * MOST)
    throw new Error(`${guests} guests have ${2 * guests + bearers.length * MOST} addresses at most`)
  for (let number = 0; number < prefixes; number++)
    bearers[number % bearers.length]?.push(prefixOf(Math.floor(number / 2), number % 2 === 0))
  return behind.map(notesOf)
}

function prefixOf(number: number, isIpv4: boolean): string {
  if (isIpv4) return `198.19.${number >> 8}.${number & 255}/32`
  // Never with a zero that the kernel would write otherwise.
  return `2001:db8:a:1::${(0x1000 + number).toString(16)}/128`
}

function notesOf(prefixes: readonly string[]): string {
  if (prefixes.length === 0) return ''
  const lines = ['```guestnet', `routes: [${prefixes.map(prefix => `"${prefix}"`).join(', ')}]`, '```']
  return lines.map(line => `#${encodeURIComponent(line)}\n`).join('')
}
