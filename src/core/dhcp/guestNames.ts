import type { Guest } from '../guest/guest.ts'
import { describeGuest } from '../guest/names.ts'
import type { Resolver } from '../node/resolver.ts'
import type { Problem } from '../problem/problem.ts'
import { quoted } from '../text/quoted.ts'
import { type Address, isLinkLocal, isLoopback, parseAddress } from '../values/address.ts'

const LABEL = /^(?!-)[a-zA-Z0-9-]{1,63}(?<!-)$/

export function isDomain(name: string): boolean {
  return name.length <= 253 && name.split('.').every(label => LABEL.test(label))
}

/** The name up to its first dot, as Proxmox's own cloud-init does; a guest without a usable one is called by its number. */
export function hostnameOf(guest: Guest): string {
  const [label] = guest.name?.split('.') ?? []
  if (label !== undefined && LABEL.test(label)) return label
  return describeGuest(guest).replace(' ', '')
}

/** RFC 3397 data longer than one option needs RFC 3396 splitting, which many clients lack. */
const SEARCH_BYTES = 255
/** Entries of a list that are looked at: more than any guest has use for, and few enough for a tenant's worst. */
const LONGEST_LIST = 32

/** What all offers of a guest have in common. */
export interface Names {
  /** Of both families. */
  readonly dns: readonly Address[]
  readonly search: readonly string[]
}

/** The names and servers that a guest is told, looked at once however many NICs it has. */
export function namesFor(guest: Guest, resolver: Resolver, problems: Problem[]): Names {
  const search = searchOf(guest, resolver, problems)
  return { search, dns: nameserversOf(guest, resolver, problems) }
}

/** The entries of a list that a guest's configuration has; `undefined` where it has none. */
function listIn(
  text: string | undefined,
  key: 'nameserver' | 'searchdomain',
  guest: Guest,
  problems: Problem[],
) {
  const entries = text?.split(/[\s,;]+/, LONGEST_LIST + 2).filter(Boolean)
  if (entries && entries.length > LONGEST_LIST)
    problems.push({
      code: `${key}-unusable`,
      message: `${describeGuest(guest)} has more than ${LONGEST_LIST} entries in ${key}; the others are not sent.`,
      remedy: `Shorten ${key}.`,
      file: guest.file,
      vmid: guest.vmid,
    })
  return entries?.slice(0, LONGEST_LIST)
}

function searchOf(guest: Guest, resolver: Resolver, problems: Problem[]): string[] {
  const written = listIn(guest.searchdomain, 'searchdomain', guest, problems)
  const names: string[] = []
  let bytes = 0
  for (const name of written ?? resolver.search) {
    const trimmed = name.replace(/\.$/, '')
    bytes += trimmed.length + 2
    if (isDomain(trimmed) && bytes <= SEARCH_BYTES) names.push(trimmed)
    else if (written) {
      problems.push({
        code: 'searchdomain-unusable',
        message: `${describeGuest(guest)} has the search domain ${quoted(name)}, which cannot be sent by DHCP.`,
        remedy: 'Correct searchdomain.',
        file: guest.file,
        vmid: guest.vmid,
      })
    }
  }
  return names
}

function nameserversOf(guest: Guest, resolver: Resolver, problems: Problem[]): Address[] {
  const written = listIn(guest.nameserver, 'nameserver', guest, problems)
  const servers: Address[] = []
  for (const text of written ?? resolver.nameservers) {
    const address = parseAddress(text.replace(/%.*$/, ''))
    if (address === undefined) {
      if (written) problems.push(unusableNameserver(guest, text))
    } else if (!isLinkLocal(address) && (written || !isLoopback(address))) {
      servers.push(address)
    }
  }
  return servers
}

function unusableNameserver(guest: Guest, text: string): Problem {
  return {
    code: 'nameserver-unusable',
    message: `${describeGuest(guest)} has the name server ${quoted(text)}, which is no address; DHCP can only send addresses.`,
    remedy: 'Write an address in nameserver.',
    file: guest.file,
    vmid: guest.vmid,
  }
}
