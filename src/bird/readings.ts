import type { ObservedPeer, PeerChannel } from '../core/announcing/observation.ts'
import type { Prefix } from '../core/values/address.ts'
import { groupBy } from '../core/values/collection.ts'
import { parsePrefix } from '../core/values/prefix.ts'
import type { Reply } from './reply.ts'

/** What BIRD says of itself. */
export interface BirdStatus {
  readonly version: string
  readonly routerId: string
  /** `YYYY-MM-DD hh:mm:ss`, local time. */
  readonly startedAt: string
}

/** A session, as BIRD sees it. */
export interface PeerState extends ObservedPeer {
  readonly channels: readonly PeerChannel[]
}

/** Codes of BIRD's doc/reply_codes. */
const CODE = { version: 1000, protocol: 1002, protocolDetails: 1006, routes: 1007, status: 1011 }

/** Reads the answer to `show status`. */
export function readStatus(reply: Reply): BirdStatus {
  const version = reply.find(({ code }) => code === CODE.version)?.text ?? ''
  const texts = reply.filter(({ code }) => code === CODE.status).map(({ text }) => text.trim())
  return {
    version: version.replace(/^BIRD /, ''),
    routerId: after(texts, 'Router ID is ') ?? '',
    startedAt: after(texts, 'Last reboot on ') ?? '',
  }
}

/**
 * Reads the answer to `show protocols all`: the BGP sessions by the peers they belong to. An unnumbered peer has one
 * that waits, and one more for each neighbour that came; the peer is as well as its best.
 */
export function readPeers(reply: Reply): PeerState[] {
  const sessions = splitProtocols(reply).flatMap(lines => readSession(lines) ?? [])
  return [...groupBy(sessions, ({ peer }) => peer).values()].flatMap(group => bestOf(group) ?? [])
}

function bestOf(sessions: readonly PeerState[]): PeerState | undefined {
  return (
    sessions.find(({ isUp }) => isUp) ??
    sessions.find(({ bgpState }) => bgpState !== 'Passive') ??
    sessions[0]
  )
}

/** The lines of each protocol, the headline first. */
function splitProtocols(reply: Reply): string[][] {
  const protocols: string[][] = []
  for (const { code, text } of reply) {
    if (code === CODE.protocol) protocols.push([text])
    else if (code === CODE.protocolDetails) protocols.at(-1)?.push(text.trim())
  }
  return protocols
}

/** The headline has name, kind, table, state, date, time and remarks; what follows has a label on every line. */
function readSession([headline = '', ...details]: readonly string[]): PeerState | undefined {
  const [protocol = '', kind, , , date = '', time = ''] = headline.trim().split(/\s+/)
  if (kind !== 'BGP') return undefined
  const label = (name: string) => after(details, `${name}:`)
  const bgpState = label('BGP state') ?? 'Down'
  const neighbour = label('Neighbor address')
  const error = label('Last error')
  return {
    peer: label('Description') ?? protocol,
    protocol,
    isUp: bgpState === 'Established',
    bgpState,
    since: `${date} ${time}`,
    ...(neighbour !== undefined && { neighbour }),
    ...(error !== undefined && { error }),
    channels: readChannels(details),
  }
}

function readChannels(details: readonly string[]): PeerChannel[] {
  return details.flatMap((line, index) => {
    const [, family] = /^Channel (ipv4|ipv6)$/.exec(line) ?? []
    if (family !== 'ipv4' && family !== 'ipv6') return []
    const end = details.findIndex((other, at) => at > index && other.startsWith('Channel '))
    const routes = after(details.slice(index, end < 0 ? undefined : end), 'Routes:') ?? ''
    return [{ family, imported: count(routes, 'imported'), exported: count(routes, 'exported') }]
  })
}

function count(routes: string, what: string): number {
  return Number(new RegExp(`([0-9]{1,15}) ${what}`).exec(routes)?.[1] ?? 0)
}

/** Reads the answer to `show route`: the networks, whatever BIRD says of each. */
export function readPrefixes(reply: Reply): Set<Prefix> {
  const lines = reply.filter(({ code }) => code === CODE.routes)
  return new Set(lines.flatMap(({ text }) => parsePrefix(/^\S+/.exec(text)?.[0] ?? '') ?? []))
}

/** What follows a label, on the first line that has it. */
function after(lines: readonly string[], label: string): string | undefined {
  return lines
    .find(line => line.startsWith(label))
    ?.slice(label.length)
    .trim()
}
