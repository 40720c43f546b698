import { describeNic } from '../guest/names.ts'
import { assertNever } from '../values/brand.ts'
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
export type Service = DhcpService

/** DHCP of one family: an offer, and the server that makes it. */
export interface DhcpService {
  readonly kind: 'dhcp'
  readonly server: ServerId
  readonly offer: Offer
}

/** What a service's rule says of itself in nftables; equal labels mean equal rules. */
export function ruleLabel(service: Service): string {
  switch (service.kind) {
    case 'dhcp':
      return `${describeNic(service.offer)} ${service.offer.mac} server ${service.server}`
    default:
      return assertNever(service.kind)
  }
}

/** The elements of maps that a service needs for its answers to find their way, and what each leads to. */
export function elementsOf(service: Service): [key: ElementKey, to: string][] {
  switch (service.kind) {
    case 'dhcp': {
      const { offer } = service
      const port: [ElementKey, string] = [elementKeyOf(offer), offer.link]
      return offer.family === 'ipv4' ? [port] : [port, [`known-as ${knownAs(offer).address}`, offer.mac]]
    }
    default:
      return assertNever(service.kind)
  }
}

/** The server that a service cannot do without. */
export function serverOf(service: Service): ServerId | undefined {
  switch (service.kind) {
    case 'dhcp':
      return service.server
    default:
      return assertNever(service.kind)
  }
}

/** For people. */
export function describeService(service: Service, link: string): string {
  switch (service.kind) {
    case 'dhcp': {
      const { offer, server } = service
      return `${describeNic(offer)} at ${link}: ${addressOf(offer)} for ${offer.mac}, by ${server}`
    }
    default:
      return assertNever(service.kind)
  }
}
