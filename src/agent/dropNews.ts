import { type Drop, describeDrop } from '../core/guard/drop.ts'
import type { GuardTable } from '../core/guard/observation.ts'
import { describeNic } from '../core/guest/names.ts'
import type { GuardReport } from '../core/report/guarding.ts'
import { counted } from '../core/text/counted.ts'

/** That a port has begun to send what is not its own. */
export interface DropNews {
  readonly vmid?: number
  readonly message: string
}

/** First drops that are told, and milliseconds in which there are no more than that. */
const MOST = { news: 10, within: 60_000 }

/** Tells the first drop of each kind at each port. What is there when the agent starts has been told by the one before. */
export class DropNewsFinder {
  #known: Set<string> | undefined
  #told: number[] = []
  #untold = 0

  /** `now`: milliseconds by any clock that only goes forward. */
  note(drops: GuardTable['drops'], { mode, ports }: GuardReport, now: number): DropNews[] {
    const before = this.#known
    const byLink = new Map(ports.map(port => [port.link, port]))
    const current = [...drops].flatMap(([link, own]) => own.map(drop => ({ link, drop })))
    this.#known = new Set(current.map(keyOf))
    if (!before) return []
    this.#told = this.#told.filter(at => at > now - MOST.within)
    const news = current.flatMap(one => {
      const port = byLink.get(one.link)
      return port && !before.has(keyOf(one)) ? [{ port, drop: one.drop }] : []
    })
    const room = Math.max(0, MOST.news - this.#told.length)
    const told = news.slice(0, room)
    const omitted = this.#omitted(told.length > 0)
    this.#untold += news.length - told.length
    this.#told.push(...told.map(() => now))
    return [
      ...omitted,
      ...told.map(({ port, drop }) => ({
        vmid: port.vmid,
        message: `${mode === 'on' ? 'dropped' : 'would drop'} what is not its own of ${describeNic(port)}: ${describeDrop(drop)}`,
      })),
    ]
  }

  #omitted(isTelling: boolean): DropNews[] {
    if (!isTelling || this.#untold === 0) return []
    const message = `${counted(this.#untold, 'first drop')} more ${this.#untold === 1 ? 'was' : 'were'} left out; guestnet status --all shows all`
    this.#untold = 0
    return [{ message }]
  }
}

function keyOf({ link, drop }: { link: string; drop: Drop }): string {
  return `${link} ${drop.reason}`
}
