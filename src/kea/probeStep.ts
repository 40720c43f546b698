/** A frame to send, and what tells its answer: all in hexadecimal digits. */
export interface ProbeStep {
  readonly frame: string
  /** What stands where, counted in octets from the Ethernet header. */
  readonly at: readonly (readonly [offset: number, hex: string])[]
  /** What it contains somewhere. */
  readonly contains: string
}
