import { arp, ETHERTYPE, ethernet, marked, markOf } from './ether.ts'
import { eventually } from './eventually.ts'
import { Hearing } from './hearing.ts'
import type { Namespace } from './namespace.ts'
import type { Frames, Neighbour } from './neighbour.ts'
import type { Site } from './site.ts'

/** A link, and where it is. */
export interface Place {
  readonly where: Namespace
  readonly link: string
}

export interface FrameTrial {
  readonly from: Place
  readonly to: Place
  readonly frames: Frames
  /** Comes last, and passes: when it is heard, nothing else is still on its way. */
  readonly ending: Buffer
}

let sent = 0

/** Sends frames from one link; the names of those that another one hears. */
export async function heardOf(lab: Site, { from, to, frames, ending }: FrameTrial): Promise<string[]> {
  const numbered = Object.entries(frames).map(([name, frame]) => ({ name, frame, number: ++sent }))
  const last = ++sent
  const hearing = await Hearing.start(to.where, to.link)
  const tap = await lab.wire().open(from.where.netns, from.link)
  for (const { frame, number } of numbered) tap.send(marked(frame, number))
  tap.send(marked(ending, last))
  await eventually('the last frame, which is honest, is heard', () => hearing.has(markOf(last)), {
    dump: () => lab.dump(),
  })
  tap.close()
  const names = numbered.flatMap(({ name, number }) => (hearing.has(markOf(number)) ? [name] : []))
  await hearing.stop()
  return names
}

/** An honest host's frame that everybody hears. */
export function announcementOf({ mac, ipv4 }: Pick<Neighbour, 'mac' | 'ipv4'>): Buffer {
  return ethernet({ from: mac, type: ETHERTYPE.arp }, arp({ mac, address: ipv4, target: ipv4 }))
}
