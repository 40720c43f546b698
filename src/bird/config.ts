import type { BirdSettings } from '../core/announcing/birdSettings.ts'
import { FAMILIES, type Family } from '../core/values/family.ts'
import { exportFilterOf, networkNumbers, renderExport } from './exportFilter.ts'
import { DEVICE, NAMES, NETWORK, protocolNames, SINCE } from './names.ts'
import type { BirdPaths } from './paths.ts'
import { BGP_TEMPLATE, renderPeer, renderTemplate } from './peer.ts'
import { quote } from './quote.ts'
import { renderReadBack } from './readBack.ts'

/**
 * A whole configuration for BIRD 2.0.12 to 2.17 (BIRD User's Guide). The guests are in files of their own, so that
 * announcing one more does not touch it.
 *
 * Traps:
 * - A kernel protocol removes every route of protocol `bird` from its table that it did not export itself. So it works
 *   on a table of guestnet's own; on `main` it would take away what another BIRD has put there.
 * - Routes whose next hop is nowhere would reach the kernel as `unreachable`, and cut the guests off instead of leaving
 *   them to the next table: only unicast routes go there.
 * - What the kernel refuses BIRD tries again with its next scan, by default after a minute.
 * - `include` has to begin a line of its own.
 */
export function renderConfig(settings: BirdSettings, paths: BirdPaths): string {
  const names = protocolNames(settings.peers.map(({ name }) => name))
  const sections = [
    renderHead(settings, paths),
    DEVICE_PROTOCOL,
    ...renderDirect(settings),
    ...FAMILIES.map(family => renderKernel(family, settings)),
    ...FAMILIES.map(family => renderWays(family, settings)),
    ...FAMILIES.map(family => renderGuestProtocol(family, paths)),
    ...FAMILIES.map(family => renderExport(family, settings, names)),
    ...renderBfd(settings),
    ...renderRouterAdvertisements(settings),
    renderTemplate(settings),
    ...settings.peers.map(peer =>
      renderPeer(peer, names.get(peer.name) ?? BGP_TEMPLATE, family =>
        exportFilterOf(peer, family, settings, names),
      ),
    ),
  ]
  return `${sections.join('\n\n')}\n`
}

function renderHead(settings: BirdSettings, paths: BirdPaths): string {
  const log = `${quote(paths.log)} 1048576 ${quote(`${paths.log}.1`)}`
  return `${renderReadBack(settings)}
# guestnet's own BIRD. Generated; changes made here are overwritten.
# To look inside: birdc -s ${paths.socket} show protocols all

router id ${settings.routerId};
log ${log} { info, warning, error, fatal, bug, auth, remote };
timeformat base iso long;
timeformat protocol iso long;

# After a crash: wait this long for peers before routes are brought up to date, in seconds.
graceful restart wait 15;

# Which version of these files is in force.
include ${quote(paths.revision)};

# Unix seconds when a guest was first announced from here.
attribute int ${SINCE};
# Which of the links below leads to the guest, counted from 1; absent: BIRD makes no way to it.
attribute int ${DEVICE};
${renderNetworkAttribute(settings)}
ipv4 table ${NAMES.ipv4.table};
ipv6 table ${NAMES.ipv6.table};
ipv4 table ${NAMES.ipv4.ways};
ipv6 table ${NAMES.ipv6.ways};`
}

/** Where rules are for a network, each route says which it belongs to. */
function renderNetworkAttribute({ exports }: BirdSettings): string {
  const numbers = [...networkNumbers(exports)]
  if (numbers.length === 0) return ''
  const told = numbers.map(([network, number]) => `${number} is ${network}`).join(', ')
  return `
# The network of the guest's NIC, where \`bgp.export\` names it: ${told}.
attribute int ${NETWORK};
`
}

/**
 * What guests' routes follow. The kernel's news may be lost where a node starts hundreds of guests at once (netlink(7), ENOBUFS),
 * so there is room for it, and what was lost is found within seconds.
 */
const NEWS_BUFFER = 8 * 1024 * 1024
const DEVICE_PROTOCOL = 'protocol device { scan time 10; }'

/** A peer some hops away may name a next hop that is on a link of ours. */
function renderDirect({ peers }: BirdSettings): string[] {
  if (peers.every(({ multihop }) => multihop === undefined)) return []
  return [
    `# The node's own networks: where next hops are looked up that multihop peers name.
protocol direct {
  ipv4 { table ${NAMES.ipv4.table}; };
  ipv6 { table ${NAMES.ipv6.table}; };
}`,
  ]
}

function renderKernel(family: Family, { table, multipath }: BirdSettings): string {
  const names = NAMES[family]
  const merge = multipath > 1 ? `\n  merge paths on limit ${multipath};` : ''
  return `# Default routes learned from peers, for the guests' traffic. They stay while BIRD is restarted.
protocol kernel ${names.kernel} {
  kernel table ${table};
  scan time 10;
  persist;
  graceful restart;
  netlink rx buffer ${NEWS_BUFFER};${merge}
  ${family} { table ${names.table}; import none; export where source = RTS_BGP && dest = RTD_UNICAST; };
}`
}

/**
 * The kernel's way to each guest that is announced. A guest's route leads to its port, because it is to rest while that is down;
 * the way goes by the link of its network. BIRD's metric, 32, is more than that of the agent's own routes, which stay without BIRD.
 *
 * Trap: a table of BIRD's takes one kernel protocol, hence the pipe into a second one.
 */
function renderWays(family: Family, { guestsTable, devices }: BirdSettings): string {
  const names = NAMES[family]
  const ways = devices.map(
    (device, index) => `\n  if ${DEVICE} = ${index + 1} then { ifname = ${quote(device)}; accept; }`,
  )
  return `# Ways to guests, while their ports are up.
protocol pipe ${names.toWays} {
  table ${names.table};
  peer table ${names.ways};
  import none;
  export where proto = "${names.guests}";
}
filter ${names.byDevice} {${ways.join('')}
  reject;
}
protocol kernel ${names.kernelWays} {
  kernel table ${guestsTable};
  scan time 10;
  ${family} { table ${names.ways}; import none; export filter ${names.byDevice}; };
}`
}

function renderGuestProtocol(family: Family, paths: BirdPaths): string {
  const names = NAMES[family]
  return `protocol static ${names.guests} {
  ${family} { table ${names.table}; };
include ${quote(family === 'ipv4' ? paths.guests4 : paths.guests6)};
}`
}

/** A peer that is gone is noticed after 0.9 s: FRR's own default, and a pace that a busy node keeps up with. */
function renderBfd({ peers }: BirdSettings): string[] {
  if (!peers.some(({ bfd }) => bfd)) return []
  return [
    `protocol bfd {
  interface "*" { interval 300 ms; multiplier 3; };
  multihop { interval 300 ms; multiplier 3; };
}`,
  ]
}

/** FRR and GoBGP find an unnumbered neighbour by its router advertisements (RFC 4861). */
function renderRouterAdvertisements({ peers }: BirdSettings): string[] {
  const links = new Set(peers.flatMap(({ address, interface: link }) => (address || !link ? [] : [link])))
  if (links.size === 0) return []
  const interfaces = [...links].map(
    link =>
      `  interface ${quote(link)} { min ra interval 3; max ra interval 10; default lifetime 0; prefix ::/0 { skip; }; };`,
  )
  return [
    `# How unnumbered peers find this node. No prefixes: nobody shall take an address by it.
protocol radv {
${interfaces.join('\n')}
}`,
  ]
}
