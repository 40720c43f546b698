import type { StalePort } from '../core/dhcp/change.ts'
import type { ElementKey } from '../core/dhcp/observation.ts'
import {
  type DhcpService,
  elementsOf,
  type Port,
  type RouterService,
  ruleLabel,
} from '../core/dhcp/service.ts'
import { SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import type { ChangeOf } from '../core/driver.ts'
import type { Vmid } from '../core/guest/names.ts'
import type { Cidr4 } from '../core/values/address.ts'
import { assertNever } from '../core/values/brand.ts'
import type { Mac } from '../core/values/mac.ts'
import { ANSWERS4 } from './dhcp4.ts'
import { removeRouters, renderRouters } from './managed.ts'
import { chainOfReplies, chainOfServer, octetsInHex, PORT_MAP, PRIORITY } from './names.ts'
import { renderClose, renderOpen, renderWays } from './router.ts'
import { rulesOf } from './service.ts'

export type NftablesChange = ChangeOf<'ports' | 'solicitations'>

/** A change as commands for `nft -f`, nft(8). */
export function render(change: NftablesChange, table: string): string[] {
  switch (change.kind) {
    case 'table-create':
      return [
        `add table netdev ${table}`,
        `add map netdev ${table} ${PORT_MAP.ipv4} { typeof ${ANSWERS4.by} : meta oif; }`,
        ...renderWays(table),
      ]
    case 'replies-open':
      return renderReplies(change.link, table)
    case 'server-switch': {
      const chain = chainOfServer(change.server)
      return [
        `add chain netdev ${table} ${chain}`,
        `flush chain netdev ${table} ${chain}`,
        // A unicast renewal goes to its server identifier, the guest's gateway: here every request becomes Kea's own.
        `add rule netdev ${table} ${chain} ip daddr set ${SERVER_ADDRESS} fwd to "${change.link}"`,
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
      return renderClose(change.link, table)
    case 'switch-remove':
      return removeChain(chainOfServer(change.server), table)
    default:
      return assertNever(change)
  }
}

/** Answers leave by the one port that belongs to the hardware address inside them; nothing else leaves at all. */
function renderReplies(link: string, table: string): string[] {
  const chain = `netdev ${table} ${chainOfReplies(link)}`
  return [
    `add chain ${chain} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    `flush chain ${chain}`,
    `add rule ${chain} ${ANSWERS4.match} fwd to ${ANSWERS4.by} map @${PORT_MAP.ipv4}`,
    `add rule ${chain} counter drop`,
  ]
}

/**
 * All that guestnet asks of nftables, on one link and in a table of its own, for `nft -c`: the kernel judges it and then
 * forgets it.
 */
export function renderTrial(table: string, link: string): string[] {
  const dhcp = [trialService(link)]
  const services = [...dhcp, trialRouter(link)]
  return [
    ...render({ kind: 'table-create' }, table),
    ...dhcp.flatMap(({ server }) => render({ kind: 'server-switch', server, slot: 1, link }, table)),
    ...render({ kind: 'replies-open', slot: 1, link }, table),
    ...render({ kind: 'solicitations-open', link }, table),
    ...renderPort({ link, ifindex: 0, services }, table),
  ]
}

function trialService(link: string): DhcpService {
  const [vmid, mac, address] = [100 as Vmid, '52:54:00:00:00:01' as Mac, '192.0.2.1/24' as Cidr4]
  const told = { network: { bridge: link }, dns: [], search: [], hostname: 'trial' }
  return {
    kind: 'dhcp',
    server: 'dhcp4-1',
    offer: { family: 'ipv4', vmid, type: 'qemu', nic: 0, link, mac, address, ...told },
  }
}

function trialRouter(link: string): RouterService {
  const { offer } = trialService(link)
  return { kind: 'router', advertisement: { ...offer, mtu: 1500, dns: [] } }
}

function renderStale({ link }: Port, { chain, elements }: StalePort, table: string): string[] {
  return [
    ...(chain ? [...removeChain(link, table), ...removeRouters(link, table)] : []),
    ...elements.map(element => removeElement(element, table)),
  ]
}

/** The rules of each of a port's services, one service after the other. */
function renderPort({ link, services }: Port, table: string): string[] {
  const chain = `netdev ${table} ${link}`
  return [
    `add chain ${chain} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    ...services.flatMap(service => {
      const { own, limit, chain: next } = rulesOf(service)
      return [
        `add rule ${chain} ${own} ${limit} counter drop`,
        `add rule ${chain} ${own} counter goto ${next} comment "${ruleLabel(service)}"`,
      ]
    }),
    ...(services.some(({ kind }) => kind === 'router') ? renderRouters(link, table) : []),
    ...services.flatMap(elementsOf).map(([key, to]) => `add ${elementOf(key, table)} : "${to}" }`),
  ]
}

function removeElement(element: ElementKey, table: string): string {
  return `delete ${elementOf(element, table)} }`
}

/** An element up to where its value would begin. */
function elementOf(element: ElementKey, table: string): string {
  const [what, mac] = element.split(' ') as [keyof typeof PORT_MAP, Mac]
  return `element netdev ${table} ${PORT_MAP[what]} { ${what === 'router' ? mac : octetsInHex(mac)}`
}

function removeChain(chain: string, table: string): string[] {
  return [`flush chain netdev ${table} ${chain}`, `delete chain netdev ${table} ${chain}`]
}
