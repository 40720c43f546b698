/** A network link of the node, as `ip link` shows it. */
export interface Link {
  readonly name: string
  readonly ifindex: number
  /** Bytes. */
  readonly mtu: number
  /** Administratively up. */
  readonly up: boolean
  /** Up, and with a partner at the other end (LOWER_UP). */
  readonly carrier: boolean
  /** The bridge it is a port of. */
  readonly master?: string
  /** The free text of `ip link set alias`: how guestnet marks the links it made. */
  readonly alias?: string
}

export type Links = ReadonlyMap<string, Link>
