/** One of the network, as others know it. */
export interface Neighbour {
  readonly mac: string
  readonly ipv4: string
  readonly ipv6: string
  /** Of its MAC. */
  readonly linkLocal: string
  /** Of its own making (RFC 7217). */
  readonly privateLinkLocal: string
}

/** The routers of the network. */
export interface Gateway {
  readonly ipv4: string
  /** As guests' configurations say. */
  readonly linkLocal: string
  /** Of one that no configuration knows, and that advertises itself. */
  readonly advertised: string
}

/** A frame under the name of what it does. */
export type Frames = Readonly<Record<string, Buffer>>

/** Addresses that nobody of the network has. */
export const ELSEWHERE = { ipv4: '198.51.100.8', ipv6: '2001:db8:ffff::8' } as const

export const ALL_NODES = 'ff02::1'

export function mapFrames(frames: Frames, change: (frame: Buffer) => Buffer): Frames {
  return Object.fromEntries(Object.entries(frames).map(([name, frame]) => [name, change(frame)]))
}
