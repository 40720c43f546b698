import { hear, type Monitor } from './monitored.ts'
import type { Namespace } from './namespace.ts'
import { monotonicMs } from './wire.ts'

/**
 * Hears what ip-monitor(8) tells of one kind of object in a namespace, line by line, until the lab is closed. What happens
 * before this resolves may be missed. `at`: when `ip` heard it, on the clock of `monotonicMs`: this process, which does much
 * else, may come to read it several milliseconds later.
 */
export async function hearIpEvents(
  where: Namespace,
  object: 'link' | 'route',
  onLine: (line: string, at: number) => void,
): Promise<void> {
  const sign = object === 'link' ? LINK_SIGN : ROUTE_SIGN
  const monitor: Monitor = { command: ['ip', '-o', '-ts', 'monitor', object], sign: there => there.ip(sign) }
  await hear(where, monitor, text => {
    const [, stamp = '', line = ''] = /^\[(\S+)\](.*)$/.exec(text) ?? []
    onLine(line.trimStart(), monotonicTimeOf(stamp))
  })
}

/** `-timestamp-short` of ip(8): local time, to the microsecond. */
function monotonicTimeOf(stamp: string): number {
  const [seconds = '', fraction = '0'] = stamp.split('.')
  const wallMs = Date.parse(seconds) + Number(`0.${fraction}`) * 1000
  return monotonicMs() - (performance.timeOrigin + performance.now() - wallMs)
}

const LINK_SIGN = ['link add listening type bridge', 'link del listening']
const ROUTE_SIGN = ['route add 192.0.2.255/32 dev lo', 'route del 192.0.2.255/32 dev lo']
