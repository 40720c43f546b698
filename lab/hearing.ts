import { readFileSync } from 'node:fs'
import { eventually } from './eventually.ts'
import type { Namespace } from './namespace.ts'
import type { LabProcess } from './process.ts'

let hearings = 0

/** Listens to every frame at a link, whatever it is and whoever it is for, and tells whether one with some bytes came by. */
export class Hearing {
  readonly #process: LabProcess

  private constructor(process: LabProcess) {
    this.#process = process
  }

  /** When this returns, no frame is missed any more. */
  static async start(where: Namespace, link: string): Promise<Hearing> {
    const args = ['-i', link, '-n', '-l', '--immediate-mode', '-xx', '-s', '512']
    const hearing = new Hearing(where.spawn(`hearing-${link}-${++hearings}`, 'tcpdump', args))
    await eventually(`tcpdump listens on ${link}`, () => hearing.#output().includes('listening on'), {
      everyMs: 5,
      dump: () => hearing.#output(),
    })
    return hearing
  }

  /** Whether a frame with these bytes came by. */
  has(bytes: Buffer): boolean {
    return this.#frames().includes(bytes.toString('hex'))
  }

  async stop(): Promise<void> {
    await this.#process.stop()
  }

  /** In hexadecimal, one frame a line. */
  #frames(): string {
    return this.#output()
      .replaceAll(/^(?!\t0x).*$/gm, '|')
      .replaceAll(/^\t0x[0-9a-f]+: +/gm, '')
      .replaceAll(/[ \n]/g, '')
      .replaceAll(/\|+/g, '\n')
  }

  #output(): string {
    return readFileSync(this.#process.logFile, 'utf8')
  }
}
