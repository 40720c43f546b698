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
  const isStarted = done.some(
    ({ change, failure }) => change.kind === 'advertiser-start' && failure === undefined,
  )
  const rows = advertisements.map(
    ({ vmid, type, nic, link, network, router, unknownRouter }): AdvertisedReport => ({
      vmid,
      type,
      nic,
      link,
      ...(router && { router }),
      ...(unknownRouter && {
        unknownRouter,
        ...whyUnknown(soughtRouters.get(routerKey({ network, gateway: unknownRouter }))),
      }),
      solicitations: 0,
      others: 0,
    }),
  )
  return { advertiser: isStarted ? { state: 'answering' } : stateOf(advertiser), nics: counted(rows, ports) }
}

function whyUnknown(sought: SoughtRouter | undefined): Pick<AdvertisedReport, 'whyUnknown'> {
  return sought && 'failure' in sought ? { whyUnknown: sought.failure } : {}
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
  return nics.map(({ dropped: _, ...nic }) => {
    const rule = chains.get(nic.link)?.find(({ label = '' }) => isForSolicitations(label))
    return {
      ...nic,
      solicitations: rule?.packets ?? 0,
      ...(rule?.dropped !== undefined && { dropped: rule.dropped }),
      others: routers.get(nic.link) ?? 0,
    }
  })
}
