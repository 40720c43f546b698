import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import { NODE_AS, ROUTER_ADDRESS, ROUTER_AS } from '../../lab/router.ts'
import { type AnnouncedGuest, BRIDGE, TABLE } from '../announced.ts'

/**
 * How guests were announced before guestnet, fast-announcer's way written anew: a hook for each start and stop of a
 * guest, which sets or removes two rules, a route and a neighbour for each of its addresses. A BIRD imports what the hooks
 * put into the table (`learn`). Nothing looks at anything in between.
 */
export class HookAnnouncer {
  readonly #node: LabNode

  constructor(node: LabNode) {
    this.#node = node
  }

  startBird(): LabProcess {
    const dir = this.#node.lab.folder('nodes', this.#node.name, 'hook-bird')
    const config = join(dir, 'bird.conf')
    writeFileSync(config, CONFIG)
    return this.#node.spawn('hook-bird', 'bird', ['-f', '-c', config, '-s', join(dir, 'bird.ctl')])
  }

  /** What the hook does when a guest has started; with several, as if one hook did it for all. */
  started(guests: readonly AnnouncedGuest[]): Promise<void> {
    return this.#hook(guests, 'add')
  }

  stopped(guests: readonly AnnouncedGuest[]): Promise<void> {
    return this.#hook(guests, 'del')
  }

  /** One process a family, which is as quick as a hook can be. */
  async #hook(guests: readonly AnnouncedGuest[], verb: 'add' | 'del'): Promise<void> {
    const batch = async (family: '-4' | '-6', lines: readonly string[]) => {
      const input = `${lines.join('\n')}\n`
      if (verb === 'add') await this.#node.run('ip', [family, '-batch', '-'], { input })
      // What the kernel has taken away itself is no reason to leave the rest.
      else await this.#node.attempt('ip', [family, '-force', '-batch', '-'], { input })
    }
    await batch(
      '-4',
      guests.flatMap(({ ipv4, mac }) => linesOf(ipv4, mac, verb)),
    )
    await batch(
      '-6',
      guests.flatMap(({ ipv6, mac }) => linesOf(ipv6, mac, verb)),
    )
  }
}

function linesOf(address: string, mac: string, verb: 'add' | 'del'): string[] {
  const neighbour = `${address} dev ${BRIDGE}`
  // One that is not there would end the batch (`exit` in ip/ipneigh.c), and it goes whenever the bridge's MAC changes.
  const set = `neighbour replace ${neighbour} lladdr ${mac} nud permanent`
  return [
    `rule ${verb} from ${address} lookup ${TABLE} pref 1000`,
    `rule ${verb} to ${address} lookup ${TABLE} pref 1000`,
    `route ${verb} ${address} dev ${BRIDGE} table ${TABLE}`,
    set,
    ...(verb === 'add' ? [] : [`neighbour del ${neighbour}`]),
  ]
}

const CONFIG = `log stderr { error, fatal };
router id 100.90.100.11;
ipv4 table guests4;
ipv6 table guests6;
protocol device { }
protocol kernel { kernel table ${TABLE}; learn; persist; ipv4 { table guests4; import all; export none; }; }
protocol kernel { kernel table ${TABLE}; learn; persist; ipv6 { table guests6; import all; export none; }; }
protocol bfd { interface "*" { interval 300 ms; multiplier 3; }; }
protocol bgp upstream {
  local as ${NODE_AS}; neighbor ${ROUTER_ADDRESS} as ${ROUTER_AS}; bfd on; connect delay time 1;
  ipv4 { table guests4; extended next hop; next hop self; import none; export all; };
  ipv6 { table guests6; next hop self; import none; export all; };
}
`
