import type { AnnouncePolicy } from '../core/policy/announce.ts'
import {
  acceptRaOf,
  FORWARDING,
  forwardedFamilies,
  missingForwarding,
  type ObservedForwarding,
} from '../core/routing/forwarding.ts'
import { bad, type Check, doubtful, good } from './check.ts'

const FILE = '/etc/sysctl.d/80-guestnet.conf'

/** Whether the node forwards what it announces, and keeps its own IPv6 default route when it does. */
export function checkForwarding(policy: AnnouncePolicy, observed: ObservedForwarding): Check[] {
  const families = forwardedFamilies(policy.networks)
  const missing = new Map(missingForwarding(families, observed).map(({ name, value }) => [name, value]))
  const links = families.includes('ipv6') ? observed.advertised.map(({ device }) => acceptRaOf(device)) : []
  const names = [...links, ...families.map(family => FORWARDING[family].name).toReversed()]
  return names.map(name => {
    const value = missing.get(name)
    if (value === undefined) return good(name, 'is as it has to be')
    const isLink = links.includes(name)
    const harm = isLink
      ? `is not ${value}, so a node that forwards IPv6 loses its own default route`
      : `is not ${value}, so guests are announced but not reached`
    if (policy.sysctl) return doubtful(name, harm, 'guestnet sets it when it next runs (`sysctl: true`).')
    return isLink ? doubtful(name, harm, remedyFor(name, value)) : bad(name, harm, remedyFor(name, value))
  })
}

function remedyFor(name: string, value: string): string {
  return `Write "${name} = ${value}" to ${FILE} and run "sysctl -p ${FILE}", or let guestnet do so: \`sysctl: true\` in the policy.`
}
