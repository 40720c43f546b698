import { type Guest, type Nic, networkOf, staticAddresses } from '../../core/guest/guest.ts'
import type { GuestType, Vmid } from '../../core/guest/names.ts'
import type { GuestNotes } from '../../core/guest/notes.ts'
import { isTable } from '../../core/policy/announce.ts'
import type { Address, Prefix } from '../../core/values/address.ts'
import { aggregate } from '../../core/values/aggregate.ts'
import { groupBy } from '../../core/values/collection.ts'
import { FAMILIES, FAMILY_NAME } from '../../core/values/family.ts'
import { describeNetwork, type Network } from '../../core/values/network.ts'
import { hostPrefix } from '../../core/values/prefix.ts'
import type { FastAnnouncerFile } from './file.ts'

/** What a network needs in the policy. */
export interface ImportedNetwork extends Network {
  /** Only where it is not the one that guestnet takes for that network. */
  readonly device?: string
  readonly prefixes: readonly Prefix[]
}

/** What takes the place of a guest's file. */
export interface ImportedGuest {
  readonly vmid: Vmid
  readonly file: string
  /** Absent: the cluster has no such guest. */
  readonly type?: GuestType
  readonly name?: string
  /** The index of the NIC that its addresses belong to. */
  readonly nic?: number
  /** What to add to `ipconfigN` of a VM, `netN` of a container: `ip=192.0.2.5/32`. */
  readonly ipconfig: readonly string[]
  /** For `routes` in the Notes. */
  readonly routes: readonly Prefix[]
  /** What needs a look, one sentence each. */
  readonly remarks: readonly string[]
}

/** The policy's part `announce`, and what each guest needs, in place of fast-announcer's files. */
export interface FastAnnouncerImport {
  readonly table: number
  readonly networks: readonly ImportedNetwork[]
  readonly notes: 'off' | 'trusted'
  readonly guests: readonly ImportedGuest[]
  readonly remarks: readonly string[]
}

/** What to use where fast-announcer's own table is one of the host's. */
const USUAL_TABLE = 100

/** From fast-announcer's files to what replaces them. Pure. */
export function importFastAnnouncer(
  files: readonly FastAnnouncerFile[],
  guests: readonly Guest[],
  notesOf: (vmid: Vmid) => GuestNotes,
): FastAnnouncerImport {
  const known = new Map(guests.map(guest => [guest.vmid, guest]))
  const wanted = files.map(file => importGuest(file, known.get(file.vmid)))
  const imported = wanted.map(guest => {
    const noted = notesOf(guest.vmid).routes
    return { ...guest, routes: guest.routes.filter(prefix => !noted.includes(prefix)) }
  })
  const placed = files.map(file => ({ file, ...homeOf(file, known.get(file.vmid)) }))
  const networks = [...groupBy(placed, describeNetwork).values()].flatMap(together => {
    const [first] = together
    if (!first) return []
    const { file, ...network } = first
    return [{ ...network, prefixes: aggregate(together.flatMap(place => prefixesOf(place.file))) }]
  })
  return {
    ...tableOf(files),
    networks,
    notes: wanted.some(({ routes }) => routes.length > 0) ? 'trusted' : 'off',
    guests: imported,
  }
}

/** The one that most files name. */
function tableOf(files: readonly FastAnnouncerFile[]): Pick<FastAnnouncerImport, 'table' | 'remarks'> {
  const [most, ...others] = [...groupBy(files, ({ table }) => String(table)).values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap(([first]) => first?.table ?? [])
  if (most === undefined) return { table: USUAL_TABLE, remarks: ['There are no files to go by.'] }
  if (!isTable(most) || !isTable(most + 1)) {
    const remark = `The tables ${most} and ${most + 1} cannot both be guestnet’s own, which it needs.`
    return { table: USUAL_TABLE, remarks: [remark] }
  }
  const remark = `The files also name the tables ${others.join(', ')}; guestnet has one for all guests.`
  return { table: most, remarks: others.length === 0 ? [] : [remark] }
}

/** The network of the guest's NIC; without a guest, what the link's name says. */
function homeOf(
  { device, mac }: FastAnnouncerFile,
  guest: Guest | undefined,
): Network & { readonly device?: string } {
  const nic = guest?.nics.find(candidate => candidate.mac === mac)
  const network = (nic && networkOf(nic)) ?? networkNamed(device)
  const usual =
    network.tag === undefined
      ? [network.bridge]
      : ['.', 'v'].map(by => `${network.bridge}${by}${network.tag}`)
  return usual.includes(device) ? network : { ...network, device }
}

/** `vmbr0.5` and `vmbr0v5` are VLAN 5 of vmbr0. */
function networkNamed(device: string): Network {
  const [, bridge = device, tag] = /^(.+?)[.v]([1-9][0-9]{0,3})$/.exec(device) ?? []
  return tag === undefined ? { bridge } : { bridge, tag: Number(tag) }
}

function prefixesOf({ addresses, routes }: FastAnnouncerFile): Prefix[] {
  return [...addresses.map(hostPrefix), ...routes.map(({ prefix }) => prefix)]
}

function importGuest(file: FastAnnouncerFile, guest: Guest | undefined): ImportedGuest {
  const { vmid, file: path } = file
  if (!guest) {
    const remark = 'The cluster has no such guest: nothing to do.'
    return { vmid, file: path, ipconfig: [], routes: [], remarks: [remark] }
  }
  const nic = guest.nics.find(({ mac }) => mac === file.mac)
  const own = new Set(guest.nics.flatMap(ownAddresses))
  const lacking = file.addresses.filter(address => !own.has(address))
  const [ipconfig, others] = nic ? fill(nic, lacking) : [[], lacking]
  const routes = [...others.map(hostPrefix), ...file.routes.map(({ prefix }) => prefix)]
  return {
    vmid,
    file: path,
    type: guest.type,
    ...(guest.name !== undefined && { name: guest.name }),
    ...(nic && { nic: nic.index }),
    ipconfig: ipconfig.map(address => `${address.includes(':') ? 'ip6' : 'ip'}=${hostPrefix(address)}`),
    routes: [...new Set(routes)],
    remarks: remarksOn(file, { nic, ipconfig, routes }),
  }
}

/** Those that the guest's own file names: what these files add where they are announced is about to go. */
function ownAddresses({ addressing }: Nic): Address[] {
  return staticAddresses(addressing).filter(address => !addressing.further?.includes(address))
}

/** A NIC has room for one address of each family: which these are, and what is left over. */
function fill({ addressing }: Nic, addresses: readonly Address[]): [taken: Address[], others: Address[]] {
  const room = [
    ...(addressing.ip === undefined ? addresses.filter(address => !address.includes(':')).slice(0, 1) : []),
    ...(addressing.ip6 === undefined ? addresses.filter(address => address.includes(':')).slice(0, 1) : []),
  ]
  return [room, addresses.filter(address => !room.includes(address))]
}

interface Filled {
  readonly nic: Nic | undefined
  readonly ipconfig: readonly Address[]
  readonly routes: readonly Prefix[]
}

function remarksOn(file: FastAnnouncerFile, { nic, ipconfig, routes }: Filled): string[] {
  if (!nic) return [`It has no NIC with the MAC ${file.mac}: give the addresses to the right one yourself.`]
  const addresses = [...ownAddresses(nic), ...ipconfig]
  const gateways = FAMILIES.flatMap(family => {
    const isOfFamily = (text: string) => text.includes(':') === (family === 'ipv6')
    const next = addresses.find(isOfFamily)
    const named = file.routes.find(({ prefix, nextHop }) => isOfFamily(prefix) && nextHop !== next)
    if (!routes.some(isOfFamily)) return []
    if (next === undefined) return [`Its routes need an ${FAMILY_NAME[family]} address of the guest’s own.`]
    return named ? [`${named.prefix} then goes by ${next}, not by ${named.nextHop ?? 'the link alone'}.`] : []
  })
  const added =
    ipconfig.length === 0
      ? []
      : ['Add the gateway that the guest has; guestnet then offers the address by DHCP, too.']
  return [...added, ...gateways]
}
