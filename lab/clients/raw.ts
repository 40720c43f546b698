import type { GuestPort } from '../guest.ts'
import { PATIENCE } from '../patience.ts'
import { monotonicMs, type Received, type WireTap } from '../wire.ts'
import { bytesOfAddress, decodeFrame } from './frame.ts'
import { type Lease, leaseOf } from './lease.ts'
import {
  ACK,
  DECLINE,
  DISCOVER,
  frameOf,
  type Manner,
  messageOf,
  NAK,
  newXid,
  OFFER,
  option,
  REQUEST,
  typeOf,
} from './manner.ts'
import { type DhcpMessage, decodeMessage } from './packet.ts'

export interface Attempt extends Manner {
  readonly timeoutMs?: number
  /** Pause between two of the same message. */
  readonly everyMs?: number
}

/** An answer and when it came, on the clock of `monotonicMs`. */
export interface Answer {
  readonly at: number
  readonly message: DhcpMessage
}

export interface Probe {
  /** When the first DISCOVER left, and when the awaited OFFER came; on the clock of `monotonicMs`. */
  readonly sentAt: number
  readonly offeredAt: number
  readonly lease: Lease
}

/** A client that only talks: it applies nothing, and every bit it sends can be chosen. */
export class RawClient {
  readonly #port: GuestPort
  readonly #tap: WireTap
  /** What gives up each question that is still unanswered. */
  readonly #givingUp = new Set<() => void>()

  private constructor(port: GuestPort, tap: WireTap) {
    this.#port = port
    this.#tap = tap
  }

  static async open(port: GuestPort): Promise<RawClient> {
    const { guest, link } = port
    return new RawClient(port, await guest.lab.wire().open(guest.netns, link))
  }

  /** Whoever still awaits an answer gets none. */
  close(): void {
    for (const giveUp of this.#givingUp) giveUp()
    this.#tap.close()
  }

  /** Sends DISCOVERs until an OFFER comes; `undefined` if none does in time. */
  async discover(attempt: Attempt = {}): Promise<Answer | undefined> {
    const xid = newXid()
    const frame = frameOf(this.#port, messageOf(this.#port, { type: DISCOVER, xid }, attempt), attempt)
    return await this.#ask(frame, attempt, message => message.xid === xid && typeOf(message) === OFFER)
  }

  /** Sends a DISCOVER every `everyMs` until an OFFER that satisfies `until`, and tells when it came. */
  async probe({
    everyMs = 5,
    timeoutMs = 30_000,
    until = () => true,
    ...manner
  }: Attempt & { readonly until?: (lease: Lease) => boolean } = {}): Promise<Probe | undefined> {
    const xid = newXid()
    const frame = frameOf(this.#port, messageOf(this.#port, { type: DISCOVER, xid }, manner), manner)
    const awaited = (message: DhcpMessage) =>
      message.xid === xid && typeOf(message) === OFFER && until(leaseOf(message))
    const sentAt = monotonicMs()
    const answer = await this.#ask(frame, { everyMs, timeoutMs }, awaited)
    return answer && { sentAt, offeredAt: answer.at, lease: leaseOf(answer.message) }
  }

  /** DISCOVER, OFFER, REQUEST, ACK; `undefined` if one of the answers does not come, or is a NAK. */
  async exchange(attempt: Attempt = {}): Promise<Lease | undefined> {
    const offer = await this.discover(attempt)
    return offer && (await this.request(offer.message, attempt))
  }

  /** REQUEST of what an OFFER offered. */
  async request(offer: DhcpMessage, attempt: Attempt = {}): Promise<Lease | undefined> {
    const lease = leaseOf(offer)
    const message = messageOf(this.#port, { type: REQUEST, xid: offer.xid }, attempt, [
      option(50, bytesOfAddress(lease.address)),
      ...(lease.serverIdentifier === undefined ? [] : [option(54, bytesOfAddress(lease.serverIdentifier))]),
    ])
    return await this.#acknowledged(message, attempt)
  }

  /**
   * Renews at T1 (RFC 2131, section 4.4.5): REQUEST by unicast to the server identifier, from the leased address. The
   * frame goes to `serverMac`, which a real guest finds by ARP.
   */
  async renew(lease: Lease, serverMac: string, attempt: Attempt = {}): Promise<Lease | undefined> {
    const message = messageOf(this.#port, { type: REQUEST, xid: newXid() }, attempt)
    const unicast = {
      destinationMac: serverMac,
      sourceAddress: lease.address,
      destinationAddress: lease.serverIdentifier ?? '255.255.255.255',
    }
    return await this.#acknowledged(
      { ...message, ciaddr: lease.address },
      { ...attempt, frame: { ...unicast, ...attempt.frame } },
    )
  }

  /** Says that a leased address is in use by somebody else (RFC 2131, section 4.4.4). There is no answer. */
  decline(address: string, serverIdentifier: string): void {
    const message = messageOf(this.#port, { type: DECLINE, xid: newXid() }, {}, [
      option(50, bytesOfAddress(address)),
      option(54, bytesOfAddress(serverIdentifier)),
    ])
    this.#tap.send(frameOf(this.#port, message, {}))
  }

  async #acknowledged(message: DhcpMessage, attempt: Attempt): Promise<Lease | undefined> {
    const isVerdict = (answer: DhcpMessage) =>
      answer.xid === message.xid && [ACK, NAK].includes(typeOf(answer) ?? 0)
    const answer = await this.#ask(frameOf(this.#port, message, attempt), attempt, isVerdict)
    return answer && typeOf(answer.message) === ACK ? leaseOf(answer.message) : undefined
  }

  /** Sends a frame again and again until an awaited answer comes; `undefined` when time is up. */
  #ask(
    frame: Buffer,
    { timeoutMs = 5000, everyMs = 500 }: Attempt,
    isAwaited: (message: DhcpMessage) => boolean,
  ): Promise<Answer | undefined> {
    return new Promise(resolve => {
      const finish = (answer: Answer | undefined) => {
        clearInterval(repetition)
        clearTimeout(patience)
        stopListening()
        this.#givingUp.delete(giveUp)
        resolve(answer)
      }
      const giveUp = () => finish(undefined)
      const stopListening = this.#tap.listen(received => {
        const answer = answerIn(received)
        if (answer && isAwaited(answer.message)) finish(answer)
      })
      const repetition = setInterval(() => this.#tap.send(frame), everyMs)
      const patience = setTimeout(giveUp, timeoutMs * PATIENCE)
      this.#givingUp.add(giveUp)
      this.#tap.send(frame)
    })
  }
}

/** Opens a client, uses it and closes it. */
export async function withRawClient<T>(port: GuestPort, use: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.open(port)
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

function answerIn({ at, frame }: Received): Answer | undefined {
  const udp = decodeFrame(frame)
  const message = udp?.destinationPort === 68 ? decodeMessage(udp.payload) : undefined
  return message?.op === 2 ? { at, message } : undefined
}
