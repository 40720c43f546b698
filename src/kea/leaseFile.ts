import type { LeaseHolder } from './leases.ts'

/**
 * Kea's memfile: comma-separated, one row for each time a lease was given, the last one counts; commas inside a value
 * are escaped. The columns differ by Kea's version and are told by the first line.
 */
interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * Brings former lease files together into the one that the next Kea starts with: of each address the lease that ends
 * last, and only if it is still meant to be that guest's. A lease of anybody else would keep the address from its guest.
 * Returns `undefined` where there is nothing to keep.
 */
export function mergeLeaseFiles(
  files: readonly string[],
  holders: readonly LeaseHolder[],
): string | undefined {
  const tables = files.map(parse)
  const columns = tables.map(table => table.columns).toSorted((a, b) => b.length - a.length)[0] ?? []
  const subnetOf = new Map(
    holders.map(({ address, hardwareAddress, subnetId }) => [
      `${address} ${hardwareAddress}`,
      String(subnetId),
    ]),
  )
  const kept = new Map<string, Record<string, string>>()
  for (const table of tables) {
    for (const lease of lastOfEach(table)) {
      const subnetId = subnetOf.get(`${lease.address} ${lease.hwaddr}`)
      const rival = kept.get(lease.address ?? '')
      const isLater = Number(lease.expire) > Number(rival?.expire ?? -1)
      if (subnetId === undefined || lease.state !== '0' || !isLater) continue
      kept.set(lease.address ?? '', { ...lease, subnet_id: subnetId })
    }
  }
  if (kept.size === 0) return undefined
  const rows = [...kept.values()].map(lease =>
    columns.map(column => lease[column] ?? DEFAULTS[column] ?? '').join(','),
  )
  return `${[columns.join(','), ...rows].join('\n')}\n`
}

/** Columns that a newer Kea added, for rows that an older one wrote. */
const DEFAULTS: Readonly<Record<string, string>> = {
  state: '0',
  pool_id: '0',
  hwtype: '1',
  hwaddr_source: '0',
}

function parse(text: string): Table {
  // A crash can leave half a last line; Kea, too, ignores a row without its end.
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
  const [header = '', ...rows] = lines.map(line => line.split(','))
  return { columns: header === '' ? [] : header, rows }
}

function lastOfEach({ columns, rows }: Table): Record<string, string>[] {
  const byAddress = new Map<string, Record<string, string>>()
  for (const row of rows) {
    if (row.length !== columns.length) continue
    const lease = Object.fromEntries(columns.map((column, index) => [column, row[index] ?? '']))
    byAddress.set(lease.address ?? '', lease)
  }
  return [...byAddress.values()]
}
