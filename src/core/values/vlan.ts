/** VLANs from one to another, both included, 1 to 4094. */
export interface VlanRange {
  readonly from: number
  readonly to: number
}

const LAST = 4094

/**
 * Reads VLANs and ranges of them between semicolons, as `trunks=` of a NIC has them: `5;6;10-20`. In ascending order, those
 * that touch put together; what no VLAN can be is left out, as Proxmox leaves it to the bridge to refuse it.
 */
export function parseVlans(text: string): VlanRange[] {
  const ranges = text.split(';').flatMap(part => {
    const [, first, last = first] = /^([0-9]+)(?:-([0-9]+))?$/.exec(part) ?? []
    const range = { from: Math.max(1, Number(first)), to: Math.min(LAST, Number(last)) }
    return range.from <= range.to ? [range] : []
  })
  const merged: VlanRange[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const before = merged.at(-1)
    if (before === undefined || range.from > before.to + 1) merged.push(range)
    else merged[merged.length - 1] = { from: before.from, to: Math.max(before.to, range.to) }
  }
  return merged
}

/** The ranges without these VLANs. */
export function withoutVlans(ranges: readonly VlanRange[], vlans: Iterable<number>): VlanRange[] {
  let rest = [...ranges]
  for (const vlan of vlans) {
    rest = rest.flatMap(({ from, to }) => {
      if (vlan < from || vlan > to) return [{ from, to }]
      const parts = [
        { from, to: vlan - 1 },
        { from: vlan + 1, to },
      ]
      return parts.filter(part => part.from <= part.to)
    })
  }
  return rest
}

export function describeVlans({ from, to }: VlanRange): string {
  return from === to ? String(from) : `${from}-${to}`
}
