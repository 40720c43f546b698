import type { ServerReport } from '../../core/report/report.ts'
import { groupBy } from '../../core/values/collection.ts'
import { describeNetwork } from '../../core/values/network.ts'
import type { GuestRow } from './guestRows.ts'
import type { Seen } from './seen.ts'

/** A network with static addresses, and who serves it. */
export interface NetworkRow {
  readonly network: string
  readonly guests: readonly GuestRow[]
  readonly offered: number
  readonly served: number
  /** The Keas that offer its addresses, in order. */
  readonly servers: readonly string[]
  readonly isAnnounced: boolean
}

export function networkRows({ status }: Seen, rows: readonly GuestRow[]): NetworkRow[] {
  const offered = groupBy(
    status.nics.filter(({ offer }) => offer),
    ({ offer }) => (offer ? describeNetwork(offer.network) : ''),
  )
  const announced = new Set(
    (status.announcing?.announcements ?? []).map(({ prefix, vmid }) => `${vmid} ${prefix}`),
  )
  const networks = groupBy(
    rows.flatMap(row =>
      [...new Set(row.nics.flatMap(({ network }) => network ?? []))].map(network => ({ row, network })),
    ),
    ({ network }) => network,
  )
  return [...networks]
    .map(([network, found]): NetworkRow => {
      const nics = offered.get(network) ?? []
      return {
        network,
        guests: found.map(({ row }) => row),
        offered: nics.length,
        served: nics.filter(({ state }) => state === 'served').length,
        servers: [...new Set(nics.flatMap(({ server }) => server ?? []))].toSorted(),
        isAnnounced: found.some(({ row }) =>
          row.nics.some(
            nic =>
              nic.network === network &&
              nic.chains.some(({ prefix }) => prefix !== undefined && announced.has(`${row.vmid} ${prefix}`)),
          ),
        ),
      }
    })
    .toSorted((a, b) => a.network.localeCompare(b.network, 'en', { numeric: true }))
}

/** What a Kea is called. */
export function describeServer({ server }: Pick<ServerReport, 'server'>): string {
  return server ?? 'of another version of guestnet'
}
