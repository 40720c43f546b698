import type { Advertisement } from '../advertising/advertisement.ts'
import { describeNic, type Vmid } from '../guest/names.ts'
import type { Link, Links } from '../node/link.ts'
import { assertNever } from '../values/brand.ts'
import { groupBy } from '../values/collection.ts'
import { isSameList, memoOf } from '../values/memo.ts'
import { knownAs } from './knownAs.ts'
import { type ElementKey, elementKeyOf } from './observation.ts'
import { addressOf, type Offer } from './offer.ts'
import type { ServerId } from './serverId.ts'

/** A guest's link from which services are taken. */
export interface Port {
  readonly link: string
  readonly ifindex: number
  /** In the order in which their rules stand in the port's chain. */
  readonly services: readonly Service[]
}

/** What is taken from a port and answered in place of the network; a port's chain is composed from all that it has. */
export type Service = DhcpService | RouterService

/** DHCP of one family: an offer, and the server that makes it. */
export interface DhcpService {
  readonly kind: 'dhcp'
  readonly server: ServerId
  readonly offer: Offer
}

/** Router advertisements: its solicitations are answered. */
export interface RouterService {
  readonly kind: 'router'
  readonly advertisement: Advertisement
}

/** The same for the same offer: what nftables is to have for it is written out once. */
export function serviceOf(offer: Offer, server: ServerId): DhcpService {
  const known = SERVICES.get(offer)
  if (known?.server === server) return known
  const service = { kind: 'dhcp', server, offer } as const
  SERVICES.set(offer, service)
  return service
}

const SERVICES = new WeakMap<Offer, DhcpService>()

/** What a service's rule says of itself in nftables; equal labels mean equal rules. */
export const ruleLabel = memoOf((service: Service): string => {
  switch (service.kind) {
    case 'dhcp':
      return `${describeNic(service.offer)} ${service.offer.mac} server ${service.server}`
    case 'router': {
      const { advertisement } = service
      const how = isWholeAnswer(advertisement) ? 'answered' : 'answered as well'
      return `${describeNic(advertisement)} ${advertisement.mac}${SOLICITATIONS}${how}`
    }
    default:
      return assertNever(service)
  }
})

const SOLICITATIONS = ' solicitations '

/** Whether a rule is that of a port's router solicitations. */
export function isForSolicitations(label: string): boolean {
  return label.includes(SOLICITATIONS)
}

/** The elements of maps that a service needs for its answers to find their way, and what each leads to. */
export const elementsOf = memoOf((service: Service): readonly [key: ElementKey, to: string][] => {
  switch (service.kind) {
    case 'dhcp': {
      const { offer } = service
      const port: [ElementKey, string] = [elementKeyOf(offer), offer.link]
      return offer.family === 'ipv4' ? [port] : [port, [`known-as ${knownAs(offer).address}`, offer.mac]]
    }
    case 'router':
      // The same as for DHCPv6: both are sent to the hardware address.
      return [[elementKeyOf({ family: 'ipv6', mac: service.advertisement.mac }), service.advertisement.link]]
    default:
      return assertNever(service)
  }
})

/** Those of a port: each once, though several services may need it. */
export const elementsOfPort = memoOf(
  ({ services }: Pick<Port, 'services'>): readonly [key: ElementKey, to: string][] => [
    ...new Map(services.flatMap(elementsOf)),
  ],
)

/** The server that a service cannot do without. */
export function serverOf(service: Service): ServerId | undefined {
  switch (service.kind) {
    case 'dhcp':
      return service.server
    case 'router':
      return undefined
    default:
      return assertNever(service)
  }
}

/** The guest that a service is for. */
export function guestOf(service: Service): Vmid {
  return service.kind === 'dhcp' ? service.offer.vmid : service.advertisement.vmid
}

/** Whether a guest needs nobody else's answer: with a router unknown here, the one on its network has to hear it, too. */
export function isWholeAnswer({ router }: Advertisement): boolean {
  return router !== undefined
}

/** Services by the links they are taken from; those of a link that is not there are left out. */
export function portsOf(services: readonly Service[], links: Links): Port[] {
  return servicesByLink(services).flatMap(([name, own]) => {
    const link = links.get(name)
    return link ? [portOf(link, own)] : []
  })
}

/** In the order of the rules; found once for a list. */
const servicesByLink = memoOf((services: readonly Service[]): readonly [string, readonly Service[]][] =>
  [...groupBy(services, linkOf)].map(([name, own]) => [
    name,
    own.toSorted((a, b) => orderOf(a) - orderOf(b)),
  ]),
)

/** By the last of its services. */
const PORTS = new WeakMap<Service, Port>()

/** The same while its link and its services are the same. */
function portOf({ name, ifindex }: Link, services: readonly Service[]): Port {
  const last = services.at(-1)
  const known = last && PORTS.get(last)
  if (known?.link === name && known.ifindex === ifindex && isSameList(known.services, services)) return known
  const port = { link: name, ifindex, services }
  if (last) PORTS.set(last, port)
  return port
}

function linkOf(service: Service): string {
  return service.kind === 'dhcp' ? service.offer.link : service.advertisement.link
}

function orderOf(service: Service): number {
  if (service.kind === 'router') return 2
  return service.offer.family === 'ipv4' ? 0 : 1
}

/** For people. */
export function describeService(service: Service, link: string): string {
  switch (service.kind) {
    case 'dhcp': {
      const { offer, server } = service
      return `${describeNic(offer)} at ${link}: ${addressOf(offer)} for ${offer.mac}, by ${server}`
    }
    case 'router': {
      const { advertisement } = service
      const { router } = advertisement
      return `${describeNic(advertisement)} at ${link}: router advertisements ${router ? `of ${router}` : 'without a router'}`
    }
    default:
      return assertNever(service)
  }
}
