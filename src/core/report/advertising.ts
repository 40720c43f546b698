import type { Advertisement } from '../advertising/advertisement.ts'
import type { ObservedAdvertiser } from '../advertising/observation.ts'
import { routerKey, type SoughtRouter } from '../advertising/router.ts'
import type { Change } from '../change.ts'
import type { PortTable } from '../dhcp/observation.ts'
import { isForSolicitations } from '../dhcp/service.ts'
import type { GuestType } from '../guest/names.ts'
import type { Observation } from '../observation.ts'
import type { Ipv6 } from '../values/address.ts'

/** What guests are told of their routers, and by whom. */
export interface AdvertisingReport {
  readonly advertiser: { readonly state: ObservedAdvertiser['state']; readonly pid?: number }
  readonly nics: readonly AdvertisedReport[]
}

export interface AdvertisedReport {
  readonly vmid: number
  readonly type: GuestType
  readonly nic: number
  readonly link: string
  /** Its default router, by its link-local address. */
  readonly router?: Ipv6
  /** Its gateway as it is configured, where no link-local address of that is known. */
  readonly unknownRouter?: Ipv6
  /** What came of asking its network for that. */
  readonly whyUnknown?: string
  /** Router solicitations taken at its port since that was set up. */
  readonly solicitations: number
  /** Those that came too fast, and went nowhere; absent: none. */
  readonly dropped?: number
  /** Advertisements of other routers that came by on their way to it. */
  readonly others: number
}

export function reportAdvertising(
  advertisements: readonly Advertisement[],
  { ports, advertising: { advertiser, soughtRouters } }: Pick<Observation, 'ports' | 'advertising'>,
  done: readonly { readonly change: Change; readonly failure?: string }[],
): AdvertisingReport | undefined {
  if (advertisements.length === 0) return undefined
  const start = done.find(
    ({ change, failure }) => change.kind === 'advertiser-start' && failure === undefined,
  )?.change
  const rows = advertisements.map(advertisement => {
    const { network, unknownRouter } = advertisement
    const sought = unknownRouter && soughtRouters.get(routerKey({ network, gateway: unknownRouter }))
    return rowOf(advertisement, sought)
  })
  return { advertiser: startedBy(start) ?? stateOf(advertiser), nics: counted(rows, ports) }
}

/** The row of an advertisement, and what came of asking for its router; the same while that is. */
const ROWS = new WeakMap<
  Advertisement,
  { readonly sought: SoughtRouter | undefined; readonly row: AdvertisedReport }
>()

function rowOf(advertisement: Advertisement, sought: SoughtRouter | undefined): AdvertisedReport {
  const known = ROWS.get(advertisement)
  if (known && known.sought === sought) return known.row
  const { vmid, type, nic, link, router, unknownRouter } = advertisement
  const row: AdvertisedReport = {
    vmid,
    type,
    nic,
    link,
    ...(router && { router }),
    ...(unknownRouter && { unknownRouter, ...whyUnknown(sought) }),
    solicitations: 0,
    others: 0,
  }
  ROWS.set(advertisement, { sought, row })
  return row
}

function whyUnknown(sought: SoughtRouter | undefined): Pick<AdvertisedReport, 'whyUnknown'> {
  return sought && 'failure' in sought ? { whyUnknown: sought.failure } : {}
}

function startedBy(change: Change | undefined): AdvertisingReport['advertiser'] | undefined {
  if (change?.kind !== 'advertiser-start') return undefined
  return { state: change.inBackground ? 'starting' : 'answering' }
}

function stateOf(advertiser: ObservedAdvertiser): AdvertisingReport['advertiser'] {
  const { state } = advertiser
  return { state, ...('pid' in advertiser && { pid: advertiser.pid }) }
}

/** As it is now: what was counted at the ports, and the advertiser. */
export function withSolicitations(
  { nics }: AdvertisingReport,
  advertiser: ObservedAdvertiser,
  ports: PortTable,
): AdvertisingReport {
  return { advertiser: stateOf(advertiser), nics: counted(nics, ports) }
}

function counted(nics: readonly AdvertisedReport[], { chains, routers }: PortTable): AdvertisedReport[] {
  return nics.map(nic => {
    const rule = chains.get(nic.link)?.find(({ label = '' }) => isForSolicitations(label))
    const { packets: solicitations = 0, dropped } = rule ?? {}
    const others = routers.get(nic.link) ?? 0
    if (nic.solicitations === solicitations && nic.dropped === dropped && nic.others === others) return nic
    const { dropped: _, ...rest } = nic
    return { ...rest, solicitations, ...(dropped !== undefined && { dropped }), others }
  })
}
