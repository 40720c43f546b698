import type { Claim } from '../src/core/dhcp/claims.ts'
import type { IntentInput } from '../src/core/dhcp/intent.ts'
import type { Kea, PortTable, Slot } from '../src/core/dhcp/observation.ts'
import type { Offer } from '../src/core/dhcp/offer.ts'
import type { OfferContext } from '../src/core/dhcp/offers.ts'
import { type Guest, type GuestType, linkNameOf, type Nic, parseVmid } from '../src/core/guest/guest.ts'
import type { Link, Links } from '../src/core/node/link.ts'
import type { Observation } from '../src/core/observation.ts'
import { parseCidr4, parseCidr6, parseIpv4 } from '../src/core/values/address.ts'
import { parseMac } from '../src/core/values/mac.ts'

/** A parser for tests, which know that what they write is valid. */
function sure<T>(parse: (text: string) => T | undefined): (text: string) => T {
  return text => {
    const value = parse(text)
    if (value === undefined) throw new Error(`the test's own ${JSON.stringify(text)} is not valid`)
    return value
  }
}

export const ipv4 = sure(parseIpv4)
export const cidr = sure(parseCidr4)
export const cidr6 = sure(parseCidr6)
export const macOf = sure(parseMac)
export const vmidOf = (vmid: number) => sure(parseVmid)(String(vmid))

/** A NIC as a test writes it; what is not given is as on a plain bridge. `null`: the NIC has none. */
export interface GivenNic extends Partial<Omit<Nic, 'addressing' | 'mac' | 'bridge'>> {
  readonly mac?: string | null
  readonly bridge?: string | null
  readonly ip?: string
  readonly gw?: string
  readonly ip6?: string
}

type GivenGuest = Partial<Omit<Guest, 'type' | 'vmid' | 'nics'>>

/** A VM of node pve1, its NICs net0, net1, … */
export function vm(vmid: number, nics: readonly GivenNic[], given: GivenGuest = {}): Guest {
  return guestOf('qemu', vmid, nics, given)
}

/** A container of node pve1, its NICs net0, net1, … */
export function ct(vmid: number, nics: readonly GivenNic[], given: GivenGuest = {}): Guest {
  return guestOf('lxc', vmid, nics, given)
}

function guestOf(type: GuestType, vmid: number, nics: readonly GivenNic[], given: GivenGuest): Guest {
  const folder = type === 'qemu' ? 'qemu-server' : 'lxc'
  return {
    type,
    vmid: vmidOf(vmid),
    node: 'pve1',
    file: `${folder}/${vmid}.conf`,
    template: false,
    nics: nics.map((nic, index) => nicOf(type, vmid, index, nic)),
    notes: [],
    problems: [],
    ...given,
  }
}

function nicOf(type: GuestType, vmid: number, index: number, given: GivenNic): Nic {
  const { mac = macText(vmid, index), bridge = 'vmbr0', ip, gw, ip6, ...rest } = given
  return {
    index,
    ...(mac === null ? {} : { mac: macOf(mac) }),
    ...(bridge === null ? {} : { bridge }),
    ...(type === 'qemu' ? { model: 'virtio' } : {}),
    firewall: false,
    line: index + 1,
    addressing: {
      ...(ip === undefined ? {} : { ip: ip === 'dhcp' || ip === 'manual' ? ip : cidr(ip) }),
      ...(gw === undefined ? {} : { gw: ipv4(gw) }),
      ...(ip6 === undefined ? {} : { ip6: cidr6(ip6) }),
    },
    ...rest,
  }
}

/** A hardware address of its own for each NIC. */
function macText(vmid: number, nic: number): string {
  const octets = [0x52, 0x54, (vmid >> 16) & 0xff, (vmid >> 8) & 0xff, vmid & 0xff, nic]
  return octets.map(octet => octet.toString(16).padStart(2, '0')).join(':')
}

/** What a VM's net0 on vmbr0 is offered. */
export function offer(
  vmid: number,
  given: Partial<Omit<Offer, 'vmid' | 'address' | 'mac' | 'gateway'>> & {
    address?: string
    mac?: string
    gateway?: string
  } = {},
): Offer {
  const {
    type = 'qemu',
    nic = 0,
    address = `192.0.2.${vmid % 256}/24`,
    mac = macText(vmid, nic),
    gateway,
    ...rest
  } = given
  return {
    vmid: vmidOf(vmid),
    type,
    nic,
    link: linkNameOf({ type, vmid: vmidOf(vmid) }, nic),
    mac: macOf(mac),
    network: { bridge: 'vmbr0' },
    address: cidr(address),
    ...(gateway === undefined ? {} : { gateway: ipv4(gateway) }),
    dns: [],
    search: [],
    hostname: `VM${vmid}`,
    ...rest,
  }
}

/** A claim of a guest of this node that does not run. */
export function claim(offered: Offer, given: Partial<Omit<Claim, 'offer'>> = {}): Claim {
  return {
    offer: offered,
    node: 'pve1',
    file: `${offered.vmid}.conf`,
    line: 1,
    runningHere: false,
    servedHere: false,
    runningElsewhere: false,
    ...given,
  }
}

/** Links that are up, numbered from 2 in this order, each by its name or as given. */
export function linksOf(...given: readonly (string | (Partial<Link> & { name: string }))[]): Links {
  const links = given.map((link, index) => ({
    ifindex: index + 2,
    mtu: 1500,
    up: true,
    carrier: true,
    ...(typeof link === 'string' ? { name: link } : link),
  }))
  return new Map(links.map(link => [link.name, link]))
}

/** An empty table, but for what is given. */
export function table(given: Partial<PortTable> = {}): PortTable {
  return {
    exists: true,
    switches: new Map(),
    replies: new Set(),
    chains: new Map(),
    elements: new Map(),
    ...given,
  }
}

/** The name tests give to a slot's link. */
export function slotLink(slot: number): string {
  return `guestnet-${slot}`
}

/** A slot that is ready, with a Kea in it if one is given. */
export function slot(number: number, kea?: Partial<Kea>, network: Slot['network'] = 'ready'): Slot {
  return {
    number,
    link: slotLink(number),
    network,
    ...(kea && {
      kea: {
        state: 'answering',
        pid: 1000 + number,
        ending: false,
        server: 1,
        config: '',
        offers: [],
        ...kea,
      },
    }),
  }
}

/** A node on which guestnet never ran. */
export function observation(given: Partial<Observation> = {}): Observation {
  return { links: new Map(), ports: table({ exists: false }), slots: [], ...given }
}

/** What an offer depends on where nothing special is configured. */
export function offerContext(given: Partial<OfferContext> = {}): OfferContext {
  return {
    links: new Map(),
    resolver: { nameservers: [], search: [] },
    vnetsWithDhcp: new Set(),
    isServed: () => true,
    ...given,
  }
}

/** What node pve1 reads of a cluster with these guests. */
export function intentInput(guests: readonly Guest[], given: Partial<IntentInput> = {}): IntentInput {
  const { resolver, vnetsWithDhcp, isServed } = offerContext()
  return {
    node: 'pve1',
    guests,
    unreadable: new Set(),
    complete: true,
    running: new Set(),
    enabled: true,
    isServed,
    resolver,
    vnetsWithDhcp,
    ...given,
  }
}
