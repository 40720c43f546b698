import { eventually } from '../lab/eventually.ts'
import { hearIpEvents } from '../lab/ipEvents.ts'
import type { LabNode } from '../lab/node.ts'
import { BRIDGE } from './announced.ts'

/** When ports came up and went, as the kernel of a node tells. */
export class PortWatch {
  readonly #up = new Map<string, number>()
  readonly #gone = new Map<string, number>()

  static async start(node: LabNode): Promise<PortWatch> {
    const watch = new PortWatch()
    await hearIpEvents(node, 'link', (line, at) => watch.#heard(line, at))
    return watch
  }

  /** When a port was last brought up in its bridge, on the clock of `monotonicMs`. What follows from that may be heard of first. */
  upAt(port: string): Promise<number> {
    return timeIn(this.#up, port)
  }

  goneAt(port: string): Promise<number> {
    return timeIn(this.#gone, port)
  }

  #heard(line: string, at: number): void {
    const [, deleted, port = '', flags = '', rest = ''] =
      /^(Deleted )?\d+: ([^@:]+)\S* <([^>]*)> (.*)$/.exec(line) ?? []
    // It is told twice, as a port of its bridge and as a link.
    if (deleted !== undefined && this.#up.delete(port)) this.#gone.set(port, at)
    else if (
      deleted === undefined &&
      flags.split(',').includes('UP') &&
      rest.includes(` master ${BRIDGE} `) &&
      !this.#up.has(port)
    )
      this.#up.set(port, at)
  }
}

function timeIn(times: ReadonlyMap<string, number>, port: string): Promise<number> {
  return eventually(`something was heard of ${port}`, () => times.get(port))
}
