import { solicitation } from '../clients/icmp6.ts'
import type { GuestPort } from '../guest.ts'
import { PATIENCE } from '../patience.ts'
import type { Received, WireTap } from '../wire.ts'
import type { Patience6 } from './raw.ts'

/** Asks for routers, as a host does that has come up. */
export class Solicitor {
  readonly #frame: Buffer
  readonly #tap: WireTap

  private constructor({ mac }: GuestPort, tap: WireTap) {
    this.#frame = solicitation(mac, 'fe80::1234')
    this.#tap = tap
  }

  static async open(port: GuestPort): Promise<Solicitor> {
    const { guest, link } = port
    return new Solicitor(port, await guest.lab.wire().open(guest.netns, link, 'router'))
  }

  close(): void {
    this.#tap.close()
  }

  /** Solicits, again and again until an advertisement comes; `undefined`: none came in time. */
  ask({ timeoutMs = 3000, everyMs = 500 }: Omit<Patience6, 'until'> = {}): Promise<Received | undefined> {
    return new Promise(resolve => {
      const finish = (received?: Received) => {
        clearInterval(repetition)
        clearTimeout(patience)
        stopListening()
        resolve(received)
      }
      const stopListening = this.#tap.listen(finish)
      const repetition = setInterval(() => this.#tap.send(this.#frame), everyMs)
      const patience = setTimeout(() => finish(), timeoutMs * PATIENCE)
      this.#tap.send(this.#frame)
    })
  }
}
