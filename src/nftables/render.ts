import { type Port, ruleLabel, type Service, type StalePort } from '../core/dhcp/change.ts'
import { type ElementKey, elementKeyOf } from '../core/dhcp/observation.ts'
import type { ServerId } from '../core/dhcp/serverId.ts'
import { SERVER_ADDRESS } from '../core/dhcp/slot.ts'
import type { ChangeOf } from '../core/driver.ts'
import { assertNever } from '../core/values/brand.ts'
import type { Family } from '../core/values/family.ts'
import type { Mac } from '../core/values/mac.ts'
import { chainOfReplies, chainOfServer, PORT_MAP, PRIORITY } from './names.ts'

export type NftablesChange = ChangeOf<'ports'>

/**
 * What a port may ask of Kea: no client comes near it, one that starts over and over again sends ten messages a second. A
 * hundred guests that send as much as they can are less than one Kea answers (8000 exchanges a second), and what they
 * have it write until the next clean-up fits into its memory many times.
 */
const MESSAGES = 'limit rate over 50/second burst 100 packets'

/**
 * A change as commands for `nft -f`, nft(8). `@th,offset,length` counts bits from the UDP header: 64 is the DHCP
 * message's `op`, 256 its `giaddr`, 288 its `chaddr` (RFC 2131, section 2).
 */
export function render(change: NftablesChange, table: string): string[] {
  switch (change.kind) {
    case 'table-create':
      return [
        `add table netdev ${table}`,
        `add map netdev ${table} ${PORT_MAP.ipv4} { typeof @th,288,48 : meta oif; }`,
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
      return [
        ...renderStale(change.port, change.stale, table),
        ...renderPort(change.port.link, change.port.services.map(ruleOf), table),
      ]
    case 'port-release':
      // With its link the chain went, or not, as the kernel has it. To add one that is there changes nothing.
      return [`add chain netdev ${table} ${change.link}`, ...removeChain(change.link, table)]
    case 'element-remove':
      return [removeElement(change.element, table)]
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
    `add rule ${chain} udp sport 67 fwd to @th,288,48 map @${PORT_MAP.ipv4}`,
    `add rule ${chain} counter drop`,
  ]
}

/** What a port's rule is made from. */
interface RuleParts {
  readonly family: Family
  readonly mac: Mac
  readonly server: ServerId
  readonly label: string
}

function ruleOf(service: Service): RuleParts {
  const { family, mac } = service.offer
  return { family, mac, server: service.server, label: ruleLabel(service) }
}

/**
 * All that guestnet asks of nftables, on one link and in a table of its own, for `nft -c`: the kernel judges it and then
 * forgets it.
 */
export function renderTrial(table: string, link: string): string[] {
  const trial: RuleParts = {
    family: 'ipv4',
    mac: '52:54:00:00:00:01' as Mac,
    server: 'dhcp4-1',
    label: 'trial',
  }
  return [
    ...render({ kind: 'table-create' }, table),
    ...render({ kind: 'server-switch', server: trial.server, slot: 1, link }, table),
    ...render({ kind: 'replies-open', slot: 1, link }, table),
    ...renderPort(link, [trial], table),
  ]
}

function renderStale({ link }: Port, { chain, elements }: StalePort, table: string): string[] {
  return [
    ...(chain ? removeChain(link, table) : []),
    ...elements.map(element => removeElement(element, table)),
  ]
}

function renderPort(link: string, rules: readonly RuleParts[], table: string): string[] {
  const chain = `netdev ${table} ${link}`
  return [
    `add chain ${chain} { type filter hook ingress device "${link}" priority ${PRIORITY}; }`,
    // A flood is dropped by the first rule that it meets, before it reaches Kea, a bridge or a firewall.
    ...rules.flatMap(rule => [
      `add rule ${chain} ${ownRequests(rule)} ${MESSAGES} counter drop`,
      `add rule ${chain} ${ownRequests(rule)} counter goto ${chainOfServer(rule.server)} comment "${rule.label}"`,
    ]),
    ...rules.map(rule => `add ${elementOf(elementKeyOf(rule), table)} : "${link}" }`),
  ]
}

/**
 * Only the guest's own requests: its address in the frame and in the message, no relay. 'ether type' and not 'meta protocol':
 * the latter is true for the tagged frames of a guest that has VLANs of its own.
 */
function ownRequests({ family, mac }: RuleParts): string {
  switch (family) {
    case 'ipv4':
      return `ether type ip udp dport 67 @th,64,8 1 ether saddr ${mac} @th,288,48 ${hexOf(mac)} @th,256,32 0`
    case 'ipv6':
      return `ether type ip6 udp dport 547 ether saddr ${mac}`
    default:
      return assertNever(family)
  }
}

function removeElement(element: ElementKey, table: string): string {
  return `delete ${elementOf(element, table)} }`
}

/** An element up to where its value would begin. */
function elementOf(element: ElementKey, table: string): string {
  const [family, mac] = element.split(' ') as [Family, Mac]
  return `element netdev ${table} ${PORT_MAP[family]} { ${hexOf(mac)}`
}

function removeChain(chain: string, table: string): string[] {
  return [`flush chain netdev ${table} ${chain}`, `delete chain netdev ${table} ${chain}`]
}

function hexOf(mac: string): string {
  return `0x${mac.replaceAll(':', '')}`
}
