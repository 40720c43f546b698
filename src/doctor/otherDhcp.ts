import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isFirewallLink, isGuestPort } from '../core/guest/links.ts'
import type { Links } from '../core/node/link.ts'
import { exists } from '../os/files.ts'
import { run } from '../os/program.ts'
import { broadcastDiscoverFrame } from '../probe/dhcpFrame.ts'
import { macOf } from '../probe/sender.ts'
import { askOnWires } from '../probe/wire.ts'
import { type Check, doubtful, good } from './check.ts'
import { HEARD, type HeardServer, parseHeard, renderListening } from './dhcpHeard.ts'

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
 * Asks by the ports that lead out of the node, and listens there in a table of its own that is removed afterwards: to the
 * answers, and to what others are answered meanwhile. Some servers try for 3 s whether an address is free before they offer it
 * (dnsmasq).
 */
async function checkHeard(links: Links, seconds: number): Promise<Check> {
  const name = 'DHCP servers heard'
  const uplinks = uplinksAmong(links)
  if (seconds === 0 || uplinks.length === 0)
    return good(name, seconds === 0 ? 'not listened' : 'no uplink to listen on')
  const heard = await listen(uplinks, seconds)
  if (typeof heard === 'string') return doubtful(name, heard)
  if (heard.length === 0) return good(name, `none in ${seconds} s on ${uplinks.join(', ')}`)
  return doubtful(
    name,
    `${heard.map(({ address, mac }) => `${address} (${mac})`).join(', ')}`,
    'No harm to served guests; others may hear it.',
  )
}

/** Ports of bridges that are not guests'. */
function uplinksAmong(links: Links): string[] {
  return [...links.values()]
    .filter(({ up, master }) => up && master !== undefined)
    .map(({ name }) => name)
    .filter(name => !isGuestPort(name) && !isFirewallLink(name))
}

/**
 * Those of these links that are ports of the kernel's bridges. Links of a bond have the bond's address: were one asked by that is
 * idle, a switch would believe the bond to be there (Documentation/networking/bonding.rst).
 */
export function portsOfBridges(links: readonly string[], folder = '/sys/class/net'): string[] {
  return links.filter(link => exists(join(folder, link, 'brport')))
}

/**
 * Asks who serves these links, each in the name of its own hardware address: there are providers that complain of any other.
 * Returns why that cannot be done.
 */
async function askForServers(links: readonly string[]): Promise<string | undefined> {
  const xid = randomInt(2 ** 32)
  const questions = portsOfBridges(links).flatMap(link => {
    const mac = macOf(link)
    return mac ? [{ link, frames: [broadcastDiscoverFrame(mac, xid)] }] : []
  })
  const answers = await askOnWires(questions, 0)
  return answers.flatMap(answer => ('failure' in answer ? answer.failure : []))[0]
}

/** Who answered by DHCP on these links meanwhile, or why nobody can be heard. */
async function listen(links: readonly string[], seconds: number): Promise<HeardServer[] | string> {
  const table = `guestnet-doctor-${process.pid}`
  const made = await run('nft', ['-f', '-'], { input: `${renderListening(table, links).join('\n')}\n` })
  if (!made.ok) return made.reason
  try {
    const [unasked] = await Promise.all([askForServers(links), delay(seconds * 1000)])
    if (unasked !== undefined) return unasked
    const listing = await run('nft', ['-j', 'list', 'set', 'netdev', table, HEARD])
    if (!listing.ok) return listing.reason
    return parseHeard(listing.stdout) ?? 'nft lists what was heard in a way that is not known'
  } finally {
    await run('nft', ['delete', 'table', 'netdev', table])
  }
}
