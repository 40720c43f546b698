/** An option that Kea tells guests of (Kea ARM, "Standard DHCPv4 Options"): one that Kea knows by name, or octets in hexadecimal. */
export type Option =
  | { readonly name: string; readonly data: string }
  | { readonly code: number; readonly 'csv-format': false; readonly data: string }

/** What several are told, said once for all of them, and what each is told besides, which comes before it. */
export interface SharedOptions {
  readonly shared: readonly Option[]
  readonly own: readonly (readonly Option[])[]
}

/**
 * Kea takes longer over options than over all else of its configuration: with 300 guests that have four each, 55 of 100 ms. So
 * what most of them are told is said once. An option that one of them is not told at all is said to each other one by itself, since
 * Kea (2.2) cannot be told to leave out one that is shared.
 */
export function shareOptions(lists: readonly (readonly Option[])[]): SharedOptions {
  const [first = []] = lists
  const told = countOf(lists)
  const shared = first.flatMap(option => {
    const same = [...(told.get(keyOf(option))?.values() ?? [])]
    const times = same.reduce((sum, { count }) => sum + count, 0)
    return times === lists.length ? [mostFrequent(same)] : []
  })
  const said = new Map(shared.map(option => [keyOf(option), option.data]))
  return { shared, own: lists.map(list => list.filter(option => said.get(keyOf(option)) !== option.data)) }
}

/** An option as it is told so many times. */
interface Told {
  readonly option: Option
  count: number
}

/** By what each option is called, and by its data. */
function countOf(lists: readonly (readonly Option[])[]): Map<string | number, Map<string, Told>> {
  const told = new Map<string | number, Map<string, Told>>()
  for (const option of lists.flat()) {
    const byData = told.get(keyOf(option)) ?? new Map<string, Told>()
    told.set(keyOf(option), byData)
    const known = byData.get(option.data)
    if (known) known.count++
    else byData.set(option.data, { option, count: 1 })
  }
  return told
}

function keyOf(option: Option): string | number {
  return 'name' in option ? option.name : option.code
}

/** The first of them, where several are as frequent. */
function mostFrequent([first, ...others]: readonly Told[]): Option {
  const most = others.reduce((best, one) => (best && best.count >= one.count ? best : one), first)
  return (most as Told).option
}
