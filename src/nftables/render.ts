import type { StalePort } from '../core/dhcp/change.ts'
import { type ElementKey, isLinkElement } from '../core/dhcp/observation.ts'
import { familyOfServer, type ServerId } from '../core/dhcp/serverId.ts'
import {
  type DhcpService,
  elementsOfPort,
  type Port,
  type RouterService,
  ruleLabel,
} from '../core/dhcp/service.ts'
import { SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import type { ChangeOf } from '../core/driver.ts'
import type { Vmid } from '../core/guest/names.ts'
import type { Cidr4, Cidr6 } from '../core/values/address.ts'
import { assertNever } from '../core/values/brand.ts'
import type { Mac } from '../core/values/mac.ts'
import { ANSWERS4, MAP4 } from './dhcp4.ts'
import { ANSWERS6, FORMER_ANSWERS6, MAPS6 } from './dhcp6.ts'
import { removeRouters, renderRouters } from './managed.ts'
import { chainOfReplies, chainOfRequests, chainOfServer, MAPS, octetsInHex, PRIORITY } from './names.ts'
import { renderClose, renderOpen, renderWays } from './router.ts'
import { rulesOf } from './service.ts'

export type NftablesChange = ChangeOf<'ports' | 'solicitations'>

/** A change as commands for `nft -f`, nft(8). */
export function render(change: NftablesChange, table: string): string[] {
  switch (change.kind) {
    case 'table-create':
      return [
        `add table netdev ${table}`,
        ...[MAP4, ...MAPS6].map(map => `add map netdev ${table} ${map}`),
        ...renderWays(table),
      ]
    case 'slot-open':
      return [...renderRequests(change.link, table), ...renderReplies(change.link, table)]
    case 'server-switch': {
      const chain = chainOfServer(change.server)
      return [
        `add chain netdev ${table} ${chain}`,
        `flush chain netdev ${table} ${chain}`,
        `add rule netdev ${table} ${chain} ${adoptionBy(change.server)}goto ${chainOfRequests(change.link)}`,
      ]
    }
    case 'port-serve':
      return [...renderStale(change.port, change.stale, table), ...renderPort(change.port, table)]
    case 'port-release':
      // With its link the chain went, or not, as the kernel has it. To add one that is there changes nothing.
      return [
        `add chain netdev ${table} ${change.link}`,
        ...removeChain(change.link, table),
        ...removeRouters(change.link, table),
      ]
    case 'element-remove':
      return [removeElement(change.element, table)]
    case 'solicitations-open':
      return renderOpen(change.link, table)
    case 'solicitations-close':
      return renderClose(table)
    case 'switch-remove':
      return removeChain(chainOfServer(change.server), table)
    default:
      return assertNever(change)
  }
}

/** A unicast renewal of DHCPv4 goes to its server identifier, the guest's gateway: here every request becomes Kea's own. */
function adoptionBy(server: ServerId): string {
  return familyOfServer(server) === 'ipv4' ? `ip daddr set ${SERVER_ADDRESS} ` : ''
}

/**
 * By a chain of its own, so that requests are switched to another slot without naming a link: where one is named nft asks the kernel for
 * all links first, and on a node with 300 guests that is most of what a transaction takes.
 */
function renderRequests(link: string, table: string): string[] {
  const chain = `netdev ${table} ${chainOfRequests(link)}`
  return [`add chain ${chain}`, `flush chain ${chain}`, `add rule ${chain} fwd to "${link}"`]
}

/** Answers leave by the one port they belong to; nothing else leaves at all. */
function renderReplies(link: string, table: string): string[] {
  const chain = `netdev ${table} ${chainOfReplies(link)}`
  return [
    `add chain ${chain} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    `flush chain ${chain}`,
    `add rule ${chain} ${ANSWERS4}`,
    `add rule ${chain} ${ANSWERS6}`,
    `add rule ${chain} ${FORMER_ANSWERS6}`,
    `add rule ${chain} counter drop`,
  ]
}

/**
 * All that guestnet asks of nftables, on one link and in a table of its own, for `nft -c`: the kernel judges it and then
 * forgets it.
 */
export function renderTrial(table: string, link: string): string[] {
  const dhcp = trialServices(link)
  const services = [...dhcp, ...trialRouter(dhcp)]
  return [
    ...render({ kind: 'table-create' }, table),
    ...render({ kind: 'slot-open', slot: 1, link }, table),
    ...dhcp.flatMap(({ server }) => render({ kind: 'server-switch', server, slot: 1, link }, table)),
    ...render({ kind: 'solicitations-open', link }, table),
    ...renderPort({ link, ifindex: 0, services }, table),
  ]
}

/** One of each kind. */
function trialServices(link: string): DhcpService[] {
  const told = { network: { bridge: link }, dns: [], search: [], hostname: 'trial' }
  const nic = {
    vmid: 100 as Vmid,
    type: 'qemu',
    nic: 0,
    link,
    mac: '52:54:00:00:00:01' as Mac,
    ...told,
  } as const
  const [address4, address6] = ['192.0.2.1/24' as Cidr4, '2001:db8::1/64' as Cidr6]
  return [
    { kind: 'dhcp', server: 'dhcp4-1', offer: { ...nic, family: 'ipv4', address: address4 } },
    { kind: 'dhcp', server: 'dhcp6-1', offer: { ...nic, family: 'ipv6', address: address6 } },
  ]
}

function trialRouter([dhcp]: readonly DhcpService[]): RouterService[] {
  return dhcp ? [{ kind: 'router', advertisement: { ...dhcp.offer, mtu: 1500, dns: [] } }] : []
}

function renderStale({ link }: Port, { chain, elements }: StalePort, table: string): string[] {
  return [
    ...(chain ? [...removeChain(link, table), ...removeRouters(link, table)] : []),
    ...elements.map(element => removeElement(element, table)),
  ]
}

/**
 * The rules of each of a port's services, one service after the other: what is taken, and then the drop of all that the first rule
 * did not take, so that nothing of it reaches a bridge or a firewall.
 */
function renderPort({ link, services }: Port, table: string): string[] {
  const chain = `netdev ${table} ${link}`
  return [
    `add chain ${chain} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    ...services.flatMap(service => {
      const { own, limit, prepare, chain: next } = rulesOf(service)
      return [
        `add rule ${chain} ${own} ${limit} ${prepare === undefined ? '' : `${prepare} `}counter goto ${next} comment "${ruleLabel(service)}"`,
        `add rule ${chain} ${own} counter drop`,
      ]
    }),
    ...(services.some(({ kind }) => kind === 'router') ? renderRouters(link, table) : []),
    ...elementsOfPort({ services }).map(
      ([key, to]) => `add ${elementOf(key, table)} : ${isLinkElement(key) ? `"${to}"` : to} }`,
    ),
  ]
}

function removeElement(element: ElementKey, table: string): string {
  return `delete ${elementOf(element, table)} }`
}

/** An element up to where its value would begin. */
function elementOf(element: ElementKey, table: string): string {
  const [kind, key] = element.split(' ') as [keyof typeof MAPS, Mac]
  // What comes from a packet's payload has no type but a number.
  return `element netdev ${table} ${MAPS[kind]} { ${kind === 'ipv4' ? octetsInHex(key) : key}`
}

function removeChain(chain: string, table: string): string[] {
  return [`flush chain netdev ${table} ${chain}`, `delete chain netdev ${table} ${chain}`]
}
