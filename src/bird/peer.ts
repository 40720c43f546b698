import type { BirdPeer, BirdSettings } from '../core/announcing/birdSettings.ts'
import { isIpv4 } from '../core/values/address.ts'
import type { Family } from '../core/values/family.ts'
import { dynamicName, NAMES } from './names.ts'
import { quote } from './quote.ts'

/** The name of the template; `peer` itself is a keyword. */
export const BGP_TEMPLATE = 'every_peer'

/**
 * What all sessions have in common. Peers keep our routes for 30 s without us (RFC 4724): far longer than guestnet
 * takes to start BIRD again, and far shorter than a node takes to return that is really gone. A session that fails again and
 * again, as by BFD on a node that is short of CPU, is tried every 10 s at the latest; BIRD's own way is five minutes.
 */
export function renderTemplate({ as, localPort }: BirdSettings): string {
  const port = localPort === undefined ? '' : ` port ${localPort}`
  return `template bgp ${BGP_TEMPLATE} {
  local${port} as ${as};
  graceful restart on;
  graceful restart time 30;
  connect delay time 1;
  connect retry time 10;
  error wait time 1, 10;
}`
}

/** One session (BIRD User's Guide, "BGP"). The description is the peer's name as the policy has it. */
export function renderPeer(
  peer: BirdPeer,
  protocol: string,
  filterOf: (family: Family) => string = family => NAMES[family].filter,
): string {
  const options = [
    `description ${quote(peer.name)};`,
    ...renderNeighbour(peer, protocol),
    ...renderDistance(peer),
    ...(peer.holdTime === undefined ? [] : [`hold time ${peer.holdTime};`]),
    ...(peer.ttlSecurity ? ['ttl security on;'] : []),
    ...(peer.password === undefined ? [] : [`password ${quote(peer.password)};`]),
    ...renderBfd(peer),
    ...peer.families.map(family => renderChannel(peer, family, filterOf(family))),
  ]
  return `protocol bgp ${protocol} from ${BGP_TEMPLATE} {\n${options.map(option => `  ${option}\n`).join('')}}`
}

function renderNeighbour(peer: BirdPeer, protocol: string): string[] {
  const link = peer.interface === undefined ? [] : [`interface ${quote(peer.interface)};`]
  if (peer.address === undefined && peer.interface === undefined)
    throw new Error(`peer ${peer.name} has neither an address nor a link`)
  const port = peer.port === undefined ? '' : ` port ${peer.port}`
  const neighbour = peer.address ?? 'range fe80::/10'
  const dynamic = peer.address === undefined ? [`dynamic name ${quote(`${dynamicName(protocol)}_`)};`] : []
  return [`neighbor ${neighbour}${port} as ${peer.as};`, ...link, ...dynamic]
}

function renderDistance({ multihop, localAddress }: BirdPeer): string[] {
  const source = localAddress === undefined ? [] : [`source address ${localAddress};`]
  return multihop === undefined ? ['direct;', ...source] : [`multihop ${multihop};`, ...source]
}

function renderBfd({ bfd, multihop, localAddress }: BirdPeer): string[] {
  if (!bfd) return []
  const isPossible = multihop === undefined || localAddress !== undefined
  return [isPossible ? 'bfd on;' : "# bfd: with multihop, BIRD needs this node's end of the session for it"]
}

/** IPv4 needs no IPv4 on the way to a peer: its next hop may be an IPv6 address (RFC 8950). */
function renderChannel(
  { address, multihop, defaultRoute }: BirdPeer,
  family: Family,
  filter: string,
): string {
  const { table } = NAMES[family]
  const isOverIpv6 = address === undefined || !isIpv4(address)
  const nextHopFamilies = family === 'ipv4' && isOverIpv6 ? (['ipv4', 'ipv6'] as const) : [family]
  const options = [
    `table ${table};`,
    ...(multihop === undefined ? [] : nextHopFamilies.map(hop => `igp table ${NAMES[hop].table};`)),
    ...(nextHopFamilies.length > 1 ? ['extended next hop;'] : []),
    'next hop self;',
    ...(defaultRoute
      ? [`import where net = ${family === 'ipv4' ? '0.0.0.0/0' : '::/0'};`, 'import limit 1 action block;']
      : ['import none;']),
    `export filter ${filter};`,
  ]
  return `${family} { ${options.join(' ')} };`
}
