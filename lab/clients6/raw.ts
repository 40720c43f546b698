import { randomInt } from 'node:crypto'
import { namesIn } from '../clients/lease.ts'
import type { GuestPort } from '../guest.ts'
import { PATIENCE } from '../patience.ts'
import { monotonicMs, type Received, type WireTap } from '../wire.ts'
import { bytesOf6, decodeFrame6, encodeFrame6, textOf6, type Udp6Frame } from './frame.ts'
import {
  type Dhcp6Message,
  type Dhcp6Option,
  decode6,
  encode6,
  ia,
  option6,
  optionIn,
  optionsWithin,
} from './message.ts'

export const TYPE = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  information: 11,
} as const

/** Who asks: all that a client may choose freely. */
export interface Client6 {
  readonly duid: Buffer
  readonly iaid?: number
  /** The address that it asks from. */
  readonly from?: string
  /** What surrounds its messages besides. */
  readonly frame?: Partial<Udp6Frame>
}

export interface Asked6 extends Patience6 {
  /** An address that it has, or wants. */
  readonly address?: string
  /** The server it is for. */
  readonly server?: Buffer
  readonly rapidCommit?: boolean
  /** What else it says; in place of a request for DNS and search list, one of its own (option 6). */
  readonly options?: readonly Dhcp6Option[]
}

/** How long an answer is waited for, and how often the question is sent meanwhile. */
export interface Patience6 {
  readonly timeoutMs?: number
  readonly everyMs?: number
  /** Which answer it is that is waited for; else any. */
  readonly until?: (told: Told6) => boolean
}

/** What an answer tells. */
export interface Told6 {
  readonly type: number
  /** Those with a valid lifetime; the others are taken away. */
  readonly addresses: readonly string[]
  readonly withdrawn: readonly string[]
  readonly status: number | undefined
  readonly server: Buffer | undefined
  readonly dns: readonly string[]
  readonly search: readonly string[]
  readonly bootFile: string | undefined
  readonly bootParameters: readonly string[]
  /** What follows the enterprise number. */
  readonly vendorClass: string | undefined
  /** Where it went to. */
  readonly to: string
  readonly toMac: string
  /** On the clock of `monotonicMs`. */
  readonly at: number
  readonly took: number
}

/** A DHCPv6 client that only talks: it applies nothing, and every bit it sends can be chosen. */
export class RawClient6 {
  readonly #port: GuestPort
  readonly #tap: WireTap

  private constructor(port: GuestPort, tap: WireTap) {
    this.#port = port
    this.#tap = tap
  }

  static async open(port: GuestPort): Promise<RawClient6> {
    const { guest, link } = port
    return new RawClient6(port, await guest.lab.wire().open(guest.netns, link, 'ipv6'))
  }

  close(): void {
    this.#tap.close()
  }

  /** Sends a message, again and again until an answer to it comes; `undefined`: none came in time. */
  ask(type: number, client: Client6, asked: Asked6 = {}): Promise<Told6 | undefined> {
    return this.send(this.#frame(type, randomInt(0x100_0000), client, asked), asked)
  }

  /** The same with a whole frame, as it was recorded. */
  send(
    frame: Buffer,
    { timeoutMs = 3000, everyMs = 500, until = () => true }: Patience6 = {},
  ): Promise<Told6 | undefined> {
    const xid = xidOf(frame)
    return new Promise(resolve => {
      const begun = monotonicMs()
      const finish = (told: Told6 | undefined) => {
        clearInterval(repetition)
        clearTimeout(patience)
        stopListening()
        resolve(told)
      }
      const stopListening = this.#tap.listen(received => {
        const told = answerIn(received, xid, begun)
        if (told && until(told)) finish(told)
      })
      const repetition = setInterval(() => this.#tap.send(frame), everyMs)
      const patience = setTimeout(() => finish(undefined), timeoutMs * PATIENCE)
      this.#tap.send(frame)
    })
  }

  /** SOLICIT and REQUEST: the address it is given, `undefined` if none. */
  async lease(client: Client6, patience: Patience6 = {}): Promise<string | undefined> {
    const offered = await this.ask(TYPE.solicit, client, patience)
    const [address] = offered?.addresses ?? []
    if (address === undefined || offered?.server === undefined) return undefined
    const given = await this.ask(TYPE.request, client, { ...patience, address, server: offered.server })
    return given?.addresses[0]
  }

  #frame(type: number, xid: number, client: Client6, asked: Asked6): Buffer {
    const { duid, iaid = 1, from = 'fe80::1234', frame } = client
    const held = asked.address === undefined ? [] : [bytesOf6(asked.address)]
    const options = [
      option6(1, duid),
      ...(asked.server ? [option6(2, asked.server)] : []),
      ...(type === TYPE.information ? [] : [ia(iaid, ...held)]),
      ...(asked.options?.some(({ code }) => code === 6) ? [] : [option6(6, [0, 23, 0, 24])]),
      option6(8, [0, 0]),
      ...(asked.rapidCommit === true ? [option6(14)] : []),
      ...(asked.options ?? []),
    ]
    return encodeFrame6({
      sourceMac: this.#port.mac,
      destinationMac: '33:33:00:01:00:02',
      sourceAddress: from,
      destinationAddress: 'ff02::1:2',
      sourcePort: 546,
      destinationPort: 547,
      payload: encode6({ type, xid, options }),
      ...frame,
    })
  }
}

/** Opens a client, uses it and closes it. */
export async function withRawClient6<T>(
  port: GuestPort,
  use: (client: RawClient6) => Promise<T>,
): Promise<T> {
  const client = await RawClient6.open(port)
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

function xidOf(frame: Buffer): number {
  const message = decode6(decodeFrame6(frame)?.payload ?? Buffer.alloc(0))
  if (!message) throw new Error(`no DHCPv6 message: ${frame.toString('hex')}`)
  return message.xid
}

function answerIn({ at, frame }: Received, xid: number, begun: number): Told6 | undefined {
  const udp = decodeFrame6(frame)
  const message = udp?.destinationPort === 546 ? decode6(udp.payload) : undefined
  return udp && message?.xid === xid ? toldBy(message, udp, { at, took: at - begun }) : undefined
}

function toldBy(
  { type, options }: Dhcp6Message,
  udp: Udp6Frame,
  when: { readonly at: number; readonly took: number },
): Told6 {
  const within = optionsWithin(optionIn(options, 3), 12)
  const held = within.filter(({ code }) => code === 5).map(({ data }) => data)
  const isValid = (data: Buffer) => data.readUInt32BE(20) > 0
  const dns = optionIn(options, 23) ?? Buffer.alloc(0)
  return {
    type,
    addresses: held.filter(isValid).map(data => textOf6(data.subarray(0, 16))),
    withdrawn: held.filter(data => !isValid(data)).map(data => textOf6(data.subarray(0, 16))),
    status: (optionIn(options, 13) ?? optionIn(within, 13))?.readUInt16BE(0),
    server: optionIn(options, 2),
    dns: Array.from({ length: dns.length / 16 }, (_, index) =>
      textOf6(dns.subarray(16 * index, 16 * index + 16)),
    ),
    search: namesIn(optionIn(options, 24) ?? Buffer.alloc(0)),
    bootFile: optionIn(options, 59)?.toString('latin1'),
    bootParameters: textsIn(optionIn(options, 60)),
    vendorClass: textsIn(optionIn(options, 16)?.subarray(4))[0],
    to: udp.destinationAddress,
    toMac: udp.destinationMac,
    ...when,
  }
}

/** Texts, each behind its length of two octets. */
function textsIn(data: Buffer = Buffer.alloc(0)): string[] {
  if (data.length < 2) return []
  const end = 2 + data.readUInt16BE(0)
  return [data.toString('latin1', 2, end), ...textsIn(data.subarray(end))]
}
