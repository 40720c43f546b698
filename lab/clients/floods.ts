import type { GuestPort } from '../guest.ts'
import { bytesOfAddress } from './frame.ts'
import { DECLINE, DISCOVER, frameOf, messageOf, option, REQUEST } from './manner.ts'

const RELEASE = 7
const INFORM = 8

/** Offsets in a frame of a client's: IPv4's flags, UDP's length, the options of the message. */
const FLAGS = 20
const UDP_LENGTH = 38
const OPTIONS = 282

/** What a guest may flood a server with: frames of each kind, as those of a guest that holds `address`. */
export function floodsOf(port: GuestPort, address: string, server: string): Record<string, Buffer[]> {
  const wanted = [option(50, bytesOfAddress(address)), option(54, bytesOfAddress(server))]
  const one = (type: number, xid: number, ciaddr = '0.0.0.0', lease = wanted) =>
    frameOf(port, { ...messageOf(port, { type, xid }, {}, lease), ciaddr }, {})
  const several = (type: number, ciaddr?: string) => [1, 2, 3, 4].map(xid => one(type, xid, ciaddr))
  return {
    discover: several(DISCOVER),
    request: several(REQUEST),
    release: several(RELEASE, address),
    decline: several(DECLINE),
    inform: several(INFORM, address),
    // What writes most: each of both is a row.
    'request and release': [one(REQUEST, 1), one(RELEASE, 2, address)],
    malformed: several(DISCOVER).map(frame => broken(frame, OPTIONS, [53, 200, 1])),
    'a wrong UDP length': several(REQUEST).map(frame => broken(frame, UDP_LENGTH, [0xff, 0xff])),
    'first fragments': several(REQUEST).map(frame => broken(frame, FLAGS, [0x20, 0])),
  }
}

function broken(frame: Buffer, offset: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(frame)
  copy.set(bytes, offset)
  return copy
}
