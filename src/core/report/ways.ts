import { type Guest, networkOf, staticAddresses } from '../guest/guest.ts'
import { linkNameOf } from '../guest/links.ts'
import { groupBy } from '../values/collection.ts'
import { explain } from './explain.ts'
import type { GuestWays } from './guestWays.ts'
import type { Report } from './report.ts'

/** Explains every guest whose configuration is on this node or that the report has a row of; in the order of their numbers, each when it is asked for. */
export function* guestWays(guests: readonly Guest[], report: Report): Generator<GuestWays> {
  const part = partsOf(report)
  const told = guests.filter(({ vmid, node }) => node === report.node || part.has(vmid))
  for (const guest of told.toSorted((a, b) => a.vmid - b.vmid)) yield waysOf(guest, part.of(guest.vmid))
}

function waysOf(guest: Guest, report: Report): GuestWays {
  const { type, vmid, name, node, file, nics } = guest
  const explained = new Map(explain(guest, report).map(explanation => [explanation.nic, explanation]))
  return {
    type,
    vmid,
    ...(name !== undefined && { name }),
    node,
    file,
    nics: nics.flatMap(nic => {
      const explanation = explained.get(nic.index)
      if (!explanation) return []
      const network = networkOf(nic)
      return {
        ...explanation,
        link: linkNameOf(guest, nic.index),
        ...(nic.mac !== undefined && { mac: nic.mac }),
        ...(network && { network }),
        addresses: staticAddresses(nic.addressing),
      }
    }),
  }
}

/** The report cut into what there is of each guest: who explains a thousand looks through a thousand rows once. */
function partsOf(report: Report): { has(vmid: number): boolean; of(vmid: number): Report } {
  const { advertising, announcing } = report
  const nics = groupBy(report.nics, ({ vmid }) => vmid)
  const announcements = groupBy(announcing?.announcements ?? [], ({ vmid }) => vmid)
  const standby = groupBy(announcing?.standby ?? [], ({ vmid }) => vmid)
  const advertised = groupBy(advertising?.nics ?? [], ({ vmid }) => vmid)
  const withheld = groupBy(announcing?.withheld ?? [], ({ vmid }) => vmid)
  return {
    has: vmid => nics.has(vmid),
    of: vmid => ({
      ...report,
      nics: nics.get(vmid) ?? [],
      ...(advertising && { advertising: { ...advertising, nics: advertised.get(vmid) ?? [] } }),
      ...(announcing && {
        announcing: {
          ...announcing,
          announcements: announcements.get(vmid) ?? [],
          standby: standby.get(vmid) ?? [],
          withheld: withheld.get(vmid) ?? [],
        },
      }),
    }),
  }
}
