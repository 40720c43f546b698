import { describeNic } from '../guest/names.ts'
import type { Problem } from '../problem/problem.ts'
import { counted } from '../text/counted.ts'
import type { AdvertisedReport, AdvertisingReport } from './advertising.ts'

/** What is wrong with how guests come to their routers. */
export function advertisingTroubles({ advertiser, nics }: AdvertisingReport): Problem[] {
  return [...advertiserDown(advertiser, nics.length), ...nics.filter(isWithoutRouter).map(routerUnknown)]
}

function advertiserDown({ state, pid }: AdvertisingReport['advertiser'], guests: number): Problem[] {
  if (state === 'answering' || state === 'starting') return []
  const how = state === 'silent' ? `is there (process ${pid}) but does not answer` : 'is not there'
  return [
    {
      code: 'advertiser-down',
      message: `The advertiser ${how}: ${counted(guests, 'guest port')} ${guests === 1 ? 'gets' : 'get'} no answer to router solicitations.`,
      remedy:
        'The agent replaces it within seconds; if it does not, see that the agent runs, and run guestnet doctor.',
    },
  ]
}

/** It has asked, and neither guestnet nor anybody else has told it of a router. */
export function isWithoutRouter({ unknownRouter, solicitations, others }: AdvertisedReport): boolean {
  return unknownRouter !== undefined && solicitations > 0 && others === 0
}

function routerUnknown(nic: AdvertisedReport): Problem {
  const { unknownRouter, whyUnknown, vmid } = nic
  const why = whyUnknown === undefined ? '' : ` (${whyUnknown})`
  return {
    code: 'router-unknown',
    message: `${describeNic(nic)} has asked for its router, and nobody has answered: it cannot be told of ${unknownRouter}, since routers are advertised by a link-local address, which guestnet does not know of this one${why}, and the router does not advertise itself.`,
    remedy: `Write the router's link-local address as gw6, or let the router send router advertisements.`,
    vmid,
    nic: nic.nic,
  }
}
