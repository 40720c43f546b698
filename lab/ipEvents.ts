import { hear, type Monitor } from './monitored.ts'
import type { Namespace } from './namespace.ts'

/**
 * Hears what ip-monitor(8) tells of one kind of object in a namespace, line by line, until the lab is closed. What happens
 * before this resolves may be missed.
 */
export async function hearIpEvents(
  where: Namespace,
  object: 'link' | 'route',
  onLine: (line: string) => void,
): Promise<void> {
  const sign = object === 'link' ? LINK_SIGN : ROUTE_SIGN
  const monitor: Monitor = { command: ['ip', '-o', 'monitor', object], sign: there => there.ip(sign) }
  await hear(where, monitor, onLine)
}

const LINK_SIGN = ['link add listening type bridge', 'link del listening']
const ROUTE_SIGN = ['route add 192.0.2.255/32 dev lo', 'route del 192.0.2.255/32 dev lo']
