import { readFileSync } from 'node:fs'
import { eventually } from './eventually.ts'
import type { Namespace } from './namespace.ts'
import type { LabProcess } from './process.ts'

/** Watches a link for frames, to prove that something is, or is not, on it. */
export class Capture {
  readonly #process: LabProcess

  private constructor(tcpdump: LabProcess) {
    this.#process = tcpdump
  }

  /**
   * Starts watching; `filter` as in pcap-filter(7), where `port 67` finds untagged frames only: `port 67 or (vlan and port 67)`
   * finds all. When this returns, no frame is missed any more.
   */
  static async start(where: Namespace, link: string, filter: string): Promise<Capture> {
    const args = ['-i', link, '-n', '-e', '-l', '--immediate-mode', filter]
    const tcpdump = where.spawn(`tcpdump-${link}-${++captures}`, 'tcpdump', args)
    const capture = new Capture(tcpdump)
    await eventually(`tcpdump listens on ${link}`, () => capture.#output().includes('listening on'), {
      everyMs: 5,
      dump: () => capture.#output(),
    })
    return capture
  }

  /** The frames so far, one line of tcpdump each. */
  frames(): string[] {
    return this.#output()
      .split('\n')
      .filter(line => /^[0-9]{2}:[0-9]{2}:/.test(line))
  }

  /** Ends watching; all frames that passed. */
  async stop(): Promise<string[]> {
    await this.#process.stop()
    return this.frames()
  }

  #output(): string {
    return readFileSync(this.#process.logFile, 'utf8')
  }
}

let captures = 0
