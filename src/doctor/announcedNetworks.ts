import { gatewaysFor } from '../core/announcing/gateway.ts'
import { deviceOf } from '../core/announcing/networkOnDevice.ts'
import type { Link, Links } from '../core/node/link.ts'
import type { AnnouncedNetwork } from '../core/policy/announce.ts'
import type { Problem } from '../core/problem/problem.ts'
import { FORWARDING } from '../core/routing/forwarding.ts'
import { familyOf } from '../core/values/family.ts'
import { describeNetwork } from '../core/values/network.ts'
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
  if (!device.up)
    return [bad(name, `its layer-3 link ${deviceName} is down`, `Run "ip link set ${deviceName} up".`)]
  const wrong = checkSettings(network, device, readSetting)
  const link = wrong.length > 0 ? wrong : [good(name, `its layer-3 link is ${deviceName}`)]
  return [...link, ...checkGateway(network, device, links)]
}

function remedyFor({ bridge, tag }: AnnouncedNetwork, device: string): string {
  if (tag === undefined || device !== `${bridge}v${tag}`)
    return `Make the link ${device}, or name another one as \`device\` in the policy.`
  return `Add the lines "auto ${bridge}.${tag}" and "iface ${bridge}.${tag} inet manual" to /etc/network/interfaces and run "ifreload -a", or name another link as \`device\` in the policy.`
}

/** What the link is set to that keeps guests from being reached. */
function checkSettings(network: AnnouncedNetwork, { name: link }: Link, readSetting: ReadSetting): Check[] {
  const name = `announced network ${describeNetwork(network)}`
  const families = new Set(network.prefixes.map(familyOf))
  const escaped = link.replaceAll('.', '/')
  const ipv6Off = `net.ipv6.conf.${escaped}.disable_ipv6`
  const forwarding = `net.ipv4.conf.${escaped}.forwarding`
  const checks: Check[] = []
  // For a gateway of its own, guestnet switches IPv6 on.
  if (families.has('ipv6') && network.gateway?.ipv6 === undefined && readSetting(ipv6Off) === '1') {
    const detail = `IPv6 is off on ${link}, and IPv6 prefixes are announced`
    checks.push(bad(name, detail, `Run "sysctl -w ${ipv6Off}=0".`))
  }
  // Where nothing is forwarded at all, that is what has to be told.
  const forwards = readSetting(FORWARDING.ipv4.name) !== '0'
  if (families.has('ipv4') && forwards && readSetting(forwarding) === '0') {
    checks.push(bad(name, `IPv4 from ${link} is not forwarded`, `Run "sysctl -w ${forwarding}=1".`))
  }
  return checks
}

function checkGateway(network: AnnouncedNetwork, device: Link, links: Links): Check[] {
  if (!network.gateway) return []
  const name = `gateway of ${describeNetwork(network)}`
  const problems: Problem[] = []
  gatewaysFor([{ network, device }], links, problems)
  if (problems.length === 0) return [good(name, `only guests are on ${device.name}`)]
  return problems.map(({ message, remedy }) => doubtful(name, message, remedy))
}
