import { isFirewallLink, isGuestPort } from '../core/guest/links.ts'
import type { Links } from '../core/node/link.ts'
import { run } from '../os/program.ts'
import { type Check, doubtful, good } from './check.ts'

/** Who else serves DHCP here: programs of this node, Proxmox's own zones, and servers heard on the bridges. */
export async function checkOtherDhcp(
  vnets: ReadonlySet<string>,
  links: Links,
  seconds: number,
): Promise<Check[]> {
  const zones =
    vnets.size === 0
      ? good('SDN zones with DHCP', 'none')
      : doubtful('SDN zones with DHCP', `${[...vnets].join(', ')}: left to Proxmox's own dnsmasq`)
  return [await checkListeners(), zones, await checkHeard(links, seconds)]
}

/** Sockets of this very network namespace; guestnet's own Keas have theirs in other ones. */
async function checkListeners(): Promise<Check> {
  const name = 'other DHCP servers on this node'
  const outcome = await run('ss', ['-H', '-l', '-n', '-p', '-u', 'sport', '=', ':67'])
  if (!outcome.ok) return doubtful(name, outcome.reason, 'Install the package iproute2.')
  const programs = [
    ...new Set(
      [...outcome.stdout.matchAll(/\(\("([^"]+)",pid=(\d+)/g)].map(([, who, pid]) => `${who} (${pid})`),
    ),
  ]
  if (programs.length === 0) return good(name, 'nobody listens on port 67')
  return doubtful(
    name,
    `${programs.join(', ')} listens on port 67`,
    'That is no harm to guests that guestnet serves, whose messages never get there; make sure it is meant.',
  )
}

/**
 * Listens on the ports that lead out of the node, in a table of its own that is removed afterwards. Answers to somebody
 * else's broadcast are heard, so silence proves little.
 */
async function checkHeard(links: Links, seconds: number): Promise<Check> {
  const name = 'DHCP servers heard'
  const uplinks = [...links.values()].filter(
    ({ name: link, master, up }) => up && master !== undefined && !isGuestPort(link) && !isFirewallLink(link),
  )
  if (seconds === 0 || uplinks.length === 0)
    return good(name, seconds === 0 ? 'not listened' : 'no uplink to listen on')
  const table = `guestnet-doctor-${process.pid}`
  const chains = uplinks.map(
    ({ name: link }, index) =>
      `chain c${index} { type filter hook ingress device "${link}" priority -460; ether type ip udp sport 67 udp dport 68 update @heard { ether saddr . ip saddr } }`,
  )
  const set = 'set heard { typeof ether saddr . ip saddr; flags dynamic; size 1024; }'
  const made = await run('nft', ['-f', '-'], {
    input: `table netdev ${table} {\n${[set, ...chains].join('\n')}\n}\n`,
  })
  if (!made.ok) return doubtful(name, made.reason)
  try {
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
    const listing = await run('nft', ['list', 'set', 'netdev', table, 'heard'])
    const servers = listing.ok
      ? [...listing.stdout.matchAll(/([0-9a-f:]{17}) \. ([0-9.]+)/g)].map(([text]) => text)
      : []
    if (servers.length === 0)
      return good(name, `none in ${seconds} s on ${uplinks.map(link => link.name).join(', ')}`)
    return doubtful(
      name,
      `${servers.join(', ')} (hardware . IP address)`,
      'No harm to served guests; others may hear it.',
    )
  } finally {
    await run('nft', ['delete', 'table', 'netdev', table])
  }
}
