import * as z from 'zod'
import { eventually } from '../../lab/eventually.ts'
import type { Namespace } from '../../lab/namespace.ts'
import { fileIn } from './birdWorld.ts'

const Rib = z.record(
  z.string(),
  z.array(
    z.looseObject({ attrs: z.array(z.looseObject({ type: z.number(), nexthop: z.string().optional() })) }),
  ),
)

/** MP_REACH_NLRI (RFC 4760) and NEXT_HOP (RFC 4271): where next hops are written. */
const NEXT_HOP_ATTRIBUTES = [14, 3]

/** A GoBGP inside a namespace. It does not touch the kernel: `install` does, as whoever uses it would. */
export class Gobgp {
  readonly #place: Namespace

  private constructor(place: Namespace) {
    this.#place = place
  }

  /** Starts it with one neighbour, both families. `neighbour`: lines of its `[neighbors.config]`. */
  static async start(place: Namespace, as: number, neighbour: string): Promise<Gobgp> {
    const families = ['ipv4-unicast', 'ipv6-unicast'].map(
      family => `[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\nafi-safi-name = "${family}"\n`,
    )
    const config = fileIn(
      place.lab,
      `gobgp-${place.netns}`,
      'gobgpd.conf',
      `[global.config]\nas = ${as}\nrouter-id = "100.90.100.2"\n[[neighbors]]\n[neighbors.config]\n${neighbour}\n${families.join('')}`,
    )
    place.spawn('gobgpd', 'gobgpd', ['-f', config, '-t', 'toml'])
    const gobgp = new Gobgp(place)
    await eventually('GoBGP answers', async () => (await gobgp.gobgp('neighbor')).includes('Peer'))
    return gobgp
  }

  gobgp(...args: string[]): Promise<string> {
    return this.#place.run('gobgp', args)
  }

  /** The next hop of a network it was told; `undefined` if it was not. */
  async nextHop(net: string): Promise<string | undefined> {
    const family = net.includes(':') ? 'ipv6' : 'ipv4'
    const rib = Rib.parse(JSON.parse(await this.gobgp('-j', 'global', 'rib', '-a', family)))
    const attributes = rib[net]?.flatMap(({ attrs }) => attrs) ?? []
    return attributes.find(({ type, nexthop }) => NEXT_HOP_ATTRIBUTES.includes(type) && nexthop)?.nexthop
  }

  /**
   * Puts a network into the kernel as it was told. On a link without global addresses BIRD 2.0 leaves the global half
   * of the next hop empty (RFC 2545, section 3), and GoBGP shows no other: that is the neighbour itself.
   */
  async install(net: string, link: string, neighbour: string): Promise<void> {
    const told = await eventually(`GoBGP knows ${net}`, () => this.nextHop(net), { timeoutMs: 20_000 })
    const nextHop = told === '::' ? neighbour : told
    await this.#place.ip([`route replace ${net} via inet6 ${nextHop} dev ${link}`])
  }
}
