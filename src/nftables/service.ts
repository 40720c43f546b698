import { isWholeAnswer, type Service } from '../core/dhcp/service.ts'
import { assertNever } from '../core/values/brand.ts'
import { ownRequests4 } from './dhcp4.ts'
import { introduce, ownRequests6 } from './dhcp6.ts'
import { chainOfServer, OVERHEARD, SOLICITED } from './names.ts'
import { ownSolicitations, SOLICITATIONS } from './router.ts'

/** How a port's chain takes one service: two rules, what is answered of it and what is not. */
export interface ServiceRules {
  /** Which frames are the service's own, nft(8): all of these matches have to hold, and no other service's may. */
  readonly own: string
  /** Within which it is answered. */
  readonly limit: string
  /** What is done with what is taken; where that fails it is not. */
  readonly prepare?: string
  /** The chain in which what is taken goes on. */
  readonly chain: string
}

/**
 * What a port may ask of Kea: no client comes near it, one that starts over and over again sends ten messages a second. A
 * hundred guests that send as much as they can are less than one Kea answers (8000 exchanges a second), and what they
 * have it write until the next clean-up fits into its memory many times.
 */
const DHCP_MESSAGES = 'limit rate 50/second burst 100 packets'

export function rulesOf(service: Service): ServiceRules {
  switch (service.kind) {
    case 'dhcp': {
      const { offer, server } = service
      const answered = { limit: DHCP_MESSAGES, chain: chainOfServer(server) }
      return offer.family === 'ipv4'
        ? { ...answered, own: ownRequests4(offer) }
        : { ...answered, own: ownRequests6(offer), prepare: introduce(offer) }
    }
    case 'router': {
      const { advertisement } = service
      return {
        own: ownSolicitations(advertisement),
        limit: SOLICITATIONS,
        chain: isWholeAnswer(advertisement) ? SOLICITED : OVERHEARD,
      }
    }
    default:
      return assertNever(service)
  }
}
