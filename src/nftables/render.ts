import type { Change } from '../core/change.ts'
import { type Port, portLabel } from '../core/dhcp/change.ts'
import { SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import { assertNever } from '../core/values/brand.ts'
import { chainOfReplies, chainOfServer, PORT_MAP, PRIORITY } from './names.ts'

export type NftablesChange = Extract<
  Change,
  {
    kind:
      | 'table-create'
      | 'replies-open'
      | 'server-switch'
      | 'port-serve'
      | 'port-release'
      | 'element-remove'
      | 'switch-remove'
  }
>

/**
 * A change as commands for `nft -f`, nft(8). `@th,offset,length` counts bits from the UDP header: 64 is the DHCP
 * message's `op`, 256 its `giaddr`, 288 its `chaddr` (RFC 2131, section 2).
 */
export function render(change: NftablesChange, table: string): string[] {
  switch (change.kind) {
    case 'table-create':
      return [
        `add table netdev ${table}`,
        `add map netdev ${table} ${PORT_MAP} { typeof @th,288,48 : meta oif; }`,
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
      return [...renderStale(change.port, change.stale, table), ...renderPort(ruleOf(change.port), table)]
    case 'port-release':
      // With its link the chain went, or not, as the kernel has it. To add one that is there changes nothing.
      return [`add chain netdev ${table} ${change.link}`, ...removeChain(change.link, table)]
    case 'element-remove':
      return [`delete element netdev ${table} ${PORT_MAP} { ${hexOf(change.mac)} }`]
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
    `add rule ${chain} udp sport 67 fwd to @th,288,48 map @${PORT_MAP}`,
    `add rule ${chain} counter drop`,
  ]
}

/** What a port's rule is made from. */
interface PortRule {
  readonly link: string
  readonly mac: string
  readonly server: number
  readonly label: string
}

function ruleOf(port: Port): PortRule {
  return { link: port.link, mac: port.offer.mac, server: port.server, label: portLabel(port) }
}

/**
 * All that guestnet asks of nftables, on one link and in a table of its own, for `nft -c`: the kernel judges it and then
 * forgets it.
 */
export function renderTrial(table: string, link: string): string[] {
  const port: PortRule = { link, mac: '52:54:00:00:00:01', server: 1, label: 'trial' }
  return [
    ...render({ kind: 'table-create' }, table),
    ...render({ kind: 'server-switch', server: port.server, slot: 1, link }, table),
    ...render({ kind: 'replies-open', slot: 1, link }, table),
    ...renderPort(port, table),
  ]
}

function renderStale(port: Port, stale: { chain: boolean; element: boolean }, table: string): string[] {
  return [
    ...(stale.chain ? removeChain(port.link, table) : []),
    ...(stale.element ? [`delete element netdev ${table} ${PORT_MAP} { ${hexOf(port.offer.mac)} }`] : []),
  ]
}

function renderPort({ link, mac, server, label }: PortRule, table: string): string[] {
  const chain = `netdev ${table} ${link}`
  // Only the guest's own requests: its address in the frame and in the message, no relay. 'ether type' and not 'meta
  // protocol': the latter is true for the tagged frames of a guest that has VLANs of its own.
  const own = `ether type ip udp dport 67 @th,64,8 1 ether saddr ${mac} @th,288,48 ${hexOf(mac)} @th,256,32 0`
  return [
    `add chain ${chain} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    `add rule ${chain} ${own} counter goto ${chainOfServer(server)} comment "${label}"`,
    `add element netdev ${table} ${PORT_MAP} { ${hexOf(mac)} : "${link}" }`,
  ]
}

function removeChain(chain: string, table: string): string[] {
  return [`flush chain netdev ${table} ${chain}`, `delete chain netdev ${table} ${chain}`]
}

function hexOf(mac: string): string {
  return `0x${mac.replaceAll(':', '')}`
}
