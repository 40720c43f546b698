import * as z from 'zod'
import type { BirdSettings } from '../core/announcing/birdSettings.ts'
import { parsedBy } from '../core/text/schema.ts'
import { type Address, parseAddress } from '../core/values/address.ts'

/** What a configuration tells of itself in a comment, for the agent that comes next. */
const ReadBack = z.object({
  /** Of this comment's form. */
  version: z.literal(1),
  /** The kernel's routing table that BIRD keeps routes in. */
  table: z.int(),
  /** That in which it makes ways to guests; absent: it makes none. */
  guestsTable: z.exactOptional(z.int()),
  /** The TCP port BIRD listens on; absent: that of BGP. */
  localPort: z.exactOptional(z.int()),
  /** The node's ends of sessions as far as they are given, by the neighbour's address. */
  ownEnds: z.record(z.string(), parsedBy(parseAddress, 'an address')),
})
export type ReadBack = z.output<typeof ReadBack>

const MARK = '# guestnet: '

/** The first line of a configuration. */
export function renderReadBack({ table, guestsTable, localPort, peers }: BirdSettings): string {
  const ownEnds = Object.fromEntries(
    peers.flatMap(({ address, localAddress }) => (address && localAddress ? [[address, localAddress]] : [])),
  )
  return `${MARK}${JSON.stringify({
    version: 1,
    table,
    guestsTable,
    ...(localPort !== undefined && { localPort }),
    ownEnds,
  } satisfies ReadBack)}`
}

/** What a configuration of `renderConfig`'s tells of itself; `undefined` for any other text. */
export function readBack(config: string): ReadBack | undefined {
  const end = config.indexOf('\n')
  if (config.startsWith(MARK) && end > 0) {
    const told = parseJson(config.slice(MARK.length, end))
    if (told) return told
  }
  return readOlder(config)
}

function parseJson(text: string): ReadBack | undefined {
  try {
    return ReadBack.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Before guestnet wrote that comment, and in what a later one may write, the lines that BIRD goes by tell. */
function readOlder(config: string): ReadBack | undefined {
  const [, table] = /^ {2}kernel table (\d+);$/m.exec(config) ?? []
  if (table === undefined) return undefined
  const [, guestsTable] = /^protocol kernel kernel_ways4 \{\n {2}kernel table (\d+);$/m.exec(config) ?? []
  const [, port] = /^ {2}local port (\d+) as \d+;$/m.exec(config) ?? []
  const ends = config.matchAll(/ neighbor (\S+)(?: port \d+)? as \d+;\n.*\n +source address (\S+);$/gm)
  return {
    version: 1,
    table: Number(table),
    ...(guestsTable !== undefined && { guestsTable: Number(guestsTable) }),
    ...(port !== undefined && { localPort: Number(port) }),
    ownEnds: Object.fromEntries(
      [...ends].flatMap(([, neighbour = '', own = '']): [string, Address][] => {
        const address = parseAddress(own)
        return address ? [[neighbour, address]] : []
      }),
    ),
  }
}
