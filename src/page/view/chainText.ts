import type { Chain, ChainLink } from './chain.ts'

const MARK_NAME = {
  good: 'done',
  waiting: 'waiting',
  broken: 'broken',
  beyond: 'not reached',
} as const satisfies Record<ChainLink['mark'], string>

export function describeLink({ mark }: Pick<ChainLink, 'mark'>): string {
  return MARK_NAME[mark]
}

/** What a chain leads to: `DHCP`, `DHCPv6`, a router, or the prefix it announces. */
export function chainTitle({ by, family, prefix }: Chain): string {
  if (by === 'bgp') return `BGP ${prefix}`
  if (by === 'router') return 'Router advertisements'
  return family === 'ipv6' ? 'DHCPv6' : 'DHCP'
}

/** A chain in a few words: `DHCP: done`, `BGP 192.0.2.1/32: broken at kernel`. */
export function describeChain(chain: Chain): string {
  const { end } = chain
  return `${chainTitle(chain)}: ${end ? `${MARK_NAME[end.state]} at ${end.step}` : MARK_NAME.good}`
}
