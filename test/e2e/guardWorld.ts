import { ETHERTYPE, ethernet, icmp6, ipv4, ipv6, NEXT, udp } from '../../lab/ether.ts'
import { announcementOf, heardOf, type Place } from '../../lab/frameTrial.ts'
import type { LabGuest } from '../../lab/guest.ts'
import { ALL_NODES, type Frames, type Gateway, type Neighbour } from '../../lab/neighbour.ts'
import type { Report } from '../../src/core/report/report.ts'
import { linkLocalOf } from '../../src/core/values/linkLocal.ts'
import type { Mac } from '../../src/core/values/mac.ts'
import { macOf, reportOf, type World } from './world.ts'

/** The routers of the guests' network; the last is one of the LAN that no configuration knows. */
export const GATEWAY: Gateway = { ipv4: '192.0.2.1', linkLocal: 'fe80::1', advertised: 'fe80::beef' }

/** Of a NIC's configuration, as far as this network goes. */
export const addressesOf = (vmid: number) =>
  ({
    ip: `192.0.2.${vmid}/24`,
    gw: GATEWAY.ipv4,
    ip6: `2001:db8:a::${vmid}/64`,
    gw6: GATEWAY.linkLocal,
  }) as const

/** What guestnet itself answers, so that it never comes to the bridge. */
export const TAKEN = ['a router solicitation without an address', 'a question by DHCPv6']

export function neighbour(vmid: number): Neighbour {
  return {
    mac: macOf(vmid),
    ipv4: `192.0.2.${vmid}`,
    ipv6: `2001:db8:a::${vmid}`,
    linkLocal: linkLocalOf(macOf(vmid) as Mac),
    privateLinkLocal: `fe80::1234:5678:9abc:${vmid}`,
  }
}

/** Sets the policy, and waits until all ports are guarded accordingly. */
export async function guard(world: World, mode: 'off' | 'report' | 'on'): Promise<Report> {
  world.tree.policy(mode === 'off' ? '' : `guard:\n  mode: ${mode}\n`)
  return await guarded(world, mode)
}

/** Waits until all ports of a node are served, and guarded as the policy says. */
export async function guarded(world: World, mode: 'off' | 'report' | 'on'): Promise<Report> {
  return await reportOf(world, ({ guard: told, nics }) => {
    const offered = nics.filter(({ offer, state }) => offer && state !== 'stopped')
    const isServed = offered.length > 0 && offered.every(({ state }) => state === 'served')
    if (mode === 'off') return isServed && told === undefined
    return isServed && told?.mode === mode && told.ports.every(({ state }) => state === 'guarded')
  })
}

/** Which of the frames of one guest another one hears. */
export function heard(
  { lab }: Pick<World, 'lab'>,
  from: LabGuest,
  to: LabGuest,
  frames: Frames,
): Promise<string[]> {
  const ending = announcementOf(neighbour(from.config.vmid))
  return heardOf(lab, { from: eth0(from), to: eth0(to), frames, ending })
}

const eth0 = (where: LabGuest): Place => ({ where, link: 'eth0' })

/** Of the LAN: a router that no guest's configuration knows advertises itself, and somebody answers DHCP. */
export async function heardFromLan({ lab, lan }: World, to: LabGuest): Promise<string[]> {
  const host = { mac: '02:00:00:00:be:ef', ipv4: '192.0.2.2' }
  const from = GATEWAY.advertised
  const said = icmp6({ from, to: ALL_NODES }, 134, [64, 0, 7, 8], new Uint8Array(8))
  const answer = udp(67, 68, new Uint8Array(240))
  const frames = {
    'a router advertisement': ethernet(
      { from: host.mac, type: ETHERTYPE.ipv6 },
      ipv6({ from, to: ALL_NODES, next: NEXT.icmpv6 }, said),
    ),
    'an answer of DHCP': ethernet(
      { from: host.mac, type: ETHERTYPE.ipv4 },
      ipv4({ from: host.ipv4, to: '255.255.255.255' }, answer),
    ),
  }
  const place = { where: lan, link: lan.link }
  return await heardOf(lab, { from: place, to: eth0(to), frames, ending: announcementOf(host) })
}
