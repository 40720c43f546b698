import { createHash } from 'node:crypto'
import type { Advertisement } from '../core/advertising/advertisement.ts'
import { AdvertisementSchema } from '../core/advertising/advertisementSchema.ts'
import { type Ipv6, octetsOf } from '../core/values/address.ts'
import { memoOf, memoOfLast, memoOfText } from '../core/values/memo.ts'
import { messageOf } from './message.ts'

/**
 * Whose address is the source where a guest is told of no router: a link-local one that no router of theirs is likely to have.
 * With a router lifetime of 0 nobody sends anything there.
 */
const NO_ROUTER = 'fe80::67' as Ipv6

/**
 * What the advertiser goes by: first its revision, then a line for each guest's NIC: its hardware address, the source of what
 * it is told, and the message itself, each in hexadecimal; and from what that was made, for those who read it again.
 */
export function renderTable(advertisements: readonly Advertisement[]): string {
  return renderAll(advertisements)
}

/** Written out once while all of them are the same. */
const renderAll = memoOfLast(
  (advertisements: readonly Advertisement[]) => {
    const body = advertisements.map(lineOf).toSorted().join('')
    return `# ${revisionOf(body)}\n${body}`
  },
  advertisements => advertisements,
)

const lineOf = memoOf((advertisement: Advertisement) => {
  const { mac, router = NO_ROUTER } = advertisement
  const source = Buffer.from(octetsOf(router)).toString('hex')
  const message = messageOf(advertisement).toString('hex')
  return `${mac.replaceAll(':', '')} ${source} ${message} ${JSON.stringify(advertisement)}\n`
})

/** What is told, as a table has it; what another version of guestnet wrote otherwise is left out. */
export function readTable(text: string): Advertisement[] {
  return text.split('\n').slice(1).flatMap(readLine)
}

/** Each is read once: with every guest that comes or goes the others' lines are the same. */
const readLine = memoOfText((line: string): readonly Advertisement[] => {
  const parsed = AdvertisementSchema.safeParse(jsonIn(line))
  return parsed.success ? [parsed.data] : []
}, 4000)

/** The revision that a table says it is. */
export function revisionIn(table: string): string | undefined {
  return /^# ([0-9a-f]+)\n/.exec(table)?.[1]
}

function revisionOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line.split(' ').slice(3).join(' '))
  } catch {
    return undefined
  }
}
