import { join } from 'node:path'
import type { LabProcess } from '../../lab/process.ts'
import { run } from '../../lab/process.ts'
import { type BirdWorld, fileIn, NODE_AS, NODE_UPLINK, PEER_AS } from './birdWorld.ts'

const CHANNELS = `
  ipv4 { extended next hop; next hop self; import all; export where source = RTS_STATIC; };
  ipv6 { next hop self; import all; export where source = RTS_STATIC; };`

/** How a router of the tests reaches the node. */
const NEIGHBOUR = `neighbor ${NODE_UPLINK} as ${NODE_AS};`

/** A router's BIRD: takes everything into its kernel, and offers a default route and one that nobody asked for. */
export class BirdRouter {
  readonly process: LabProcess
  readonly #socket: string

  constructor({ lab, router }: BirdWorld, neighbour = NEIGHBOUR) {
    this.#socket = join(lab.folder('router'), 'bird.ctl')
    const config = fileIn(
      lab,
      'router',
      'bird.conf',
      `log stderr all;
router id 100.90.100.2;
protocol device {}
protocol direct { interface "down0"; ipv6; }
protocol static { ipv4; route 0.0.0.0/0 blackhole; route 192.0.2.0/24 blackhole; }
protocol static { ipv6; route ::/0 blackhole; route 2001:db8:c::/48 blackhole; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
protocol bfd { interface "*" { interval 300 ms; }; multihop { interval 300 ms; }; }
protocol bgp node { local as ${PEER_AS}; direct; error wait time 1, 2;
  ${neighbour}${CHANNELS}
}
`,
    )
    this.process = router.spawn('bird', 'bird', ['-f', '-c', config, '-s', this.#socket])
  }

  birdc(...command: string[]): Promise<string> {
    return run(['birdc', '-s', this.#socket, ...command])
  }

  /** Routes that the node withdrew so far. */
  async withdrawals(): Promise<number> {
    const text = await this.birdc('show', 'protocols', 'all', 'node')
    const counts = [...text.matchAll(/Import withdraws: +([0-9]+)/g)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0)
  }

  /** UPDATE messages' worth of routes received from the node so far: announced and withdrawn. */
  async updates(): Promise<number> {
    const text = await this.birdc('show', 'protocols', 'all', 'node')
    const counts = [...text.matchAll(/Import (?:updates|withdraws): +([0-9]+)/g)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0)
  }
}
