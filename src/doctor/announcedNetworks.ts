import { deviceOf } from '../core/intent/announce.ts'
import { gatewaysFor } from '../core/intent/gateway.ts'
import type { Link, Links } from '../core/link.ts'
import { describeNetwork } from '../core/network.ts'
import type { AnnouncedNetwork } from '../core/policy/announce.ts'
import type { Problem } from '../core/problem.ts'
import { familyOf } from '../core/routing.ts'
import { bad, type Check, doubtful, good } from './check.ts'

/** What the kernel says of a setting, by its name in sysctl(8). */
export type ReadSetting = (name: string) => string | undefined

/** Whether an announced network's guests can be reached from here, and can have their gateway. */
export function checkAnnouncedNetwork(
  network: AnnouncedNetwork,
  links: Links,
  readSetting: ReadSetting,
): Check[] {
  const name = `announced network ${describeNetwork(network)}`
  if (!links.has(network.bridge)) return [good(name, 'is not on this node')]
  const deviceName = deviceOf(network, links)
  const device = links.get(deviceName)
  if (!device) {
    const detail = `its layer-3 link ${deviceName} does not exist`
    return [bad(name, detail, remedyFor(network, deviceName))]
  }
  if (!device.up) return [bad(name, `its layer-3 link ${deviceName} is down`, `Run "ip link set ${deviceName} up".`)]
  const problems = problemsOf(network, device, readSetting).map(([detail, remedy]) => bad(name, detail, remedy))
  const link = problems.length > 0 ? problems : [good(name, `its layer-3 link is ${deviceName}`)]
  return [...link, ...checkGateway(network, device, links)]
}

function remedyFor({ bridge, tag }: AnnouncedNetwork, device: string): string {
  if (tag === undefined || device !== `${bridge}v${tag}`)
    return `Make the link ${device}, or name another one as \`device\` in the policy.`
  return `Add the lines "auto ${bridge}.${tag}" and "iface ${bridge}.${tag} inet manual" to /etc/network/interfaces and run "ifreload -a", or name another link as \`device\` in the policy.`
}

/** What is wrong, and what to do. */
function problemsOf(
  { prefixes, gateway }: AnnouncedNetwork,
  { name }: Link,
  readSetting: ReadSetting,
): [string, string][] {
  const escaped = name.replaceAll('.', '/')
  const families = new Set(prefixes.map(familyOf))
  const ipv6Off = `net.ipv6.conf.${escaped}.disable_ipv6`
  const forwarding = `net.ipv4.conf.${escaped}.forwarding`
  // With a gateway of its own, guestnet switches IPv6 on.
  const hasIpv6 = gateway?.ipv6 !== undefined || readSetting(ipv6Off) !== '1'
  // Where nothing is forwarded at all, that is what has to be told.
  const isShut = readSetting('net.ipv4.ip_forward') === '1' && readSetting(forwarding) === '0'
  return [
    ...(families.has('ipv6') && !hasIpv6
      ? ([[`IPv6 is off on ${name}, and IPv6 prefixes are announced`, `Run "sysctl -w ${ipv6Off}=0".`]] as [string, string][])
      : []),
    ...(families.has('ipv4') && isShut
      ? ([[`IPv4 from ${name} is not forwarded`, `Run "sysctl -w ${forwarding}=1".`]] as [string, string][])
      : []),
  ]
}

function checkGateway(network: AnnouncedNetwork, device: Link, links: Links): Check[] {
  if (!network.gateway) return []
  const name = `gateway of ${describeNetwork(network)}`
  const problems: Problem[] = []
  gatewaysFor([{ network, device }], links, problems)
  if (problems.length === 0) return [good(name, `only guests are on ${device.name}`)]
  return problems.map(({ message, remedy }) => doubtful(name, message, remedy))
}
