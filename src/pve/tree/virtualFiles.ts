import * as z from 'zod'
import type { GuestType } from '../../core/guest/names.ts'
import { parseIpv4, parseIpv6 } from '../../core/values/address.ts'
import type { Family } from '../../core/values/family.ts'

/** `.version`, as much of it as is read here: counters that are only good for telling that something changed. */
const Version = z.object({ starttime: z.number(), vmlist: z.number() })

/** `.vmlist`; `ids` is absent when the cluster has no guest. */
const VmList = z.object({
  ids: z.record(z.string(), z.object({ node: z.string(), type: z.string(), version: z.number() })).optional(),
})

/** A guest as `.vmlist` has it. */
export interface ListedGuest {
  readonly vmid: string
  readonly node: string
  readonly type: GuestType
  /** Changes with the guest's file, and starts over with pmxcfs. */
  readonly version: number
}

/** The part of `.version` that changes whenever any guest's file does; `undefined` for half a file. */
export function parseVersion(text: string): string | undefined {
  const version = parseJson(Version, text)
  return version && `${version.starttime}:${version.vmlist}`
}

/** `.members`, as much of it as is read here; a node that is alone has no `cluster`. */
const Members = z.object({
  cluster: z.object({ quorate: z.number() }).optional(),
  nodelist: z.record(z.string(), z.object({ online: z.number(), ip: z.string().optional() })).optional(),
})

/** Whether the cluster has a quorum, so that its files can be written; a node that is alone always has. */
export function parseQuorate(text: string): boolean {
  return parseJson(Members, text)?.cluster?.quorate !== 0
}

/** A node of the cluster, as the cluster sees it. */
export interface Member {
  readonly name: string
  readonly online: boolean
  readonly address?: string
}

/** The nodes of the cluster by name; none for half a file, and for a node that is alone. */
export function parseMembers(text: string): Member[] {
  const list = Object.entries(parseJson(Members, text)?.nodelist ?? {})
  return list
    .map(([name, { online, ip }]) => ({
      name,
      online: online === 1,
      ...(ip !== undefined && { address: ip }),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

/** Every guest of the cluster; `undefined` for half a file. */
export function parseVmList(text: string): ListedGuest[] | undefined {
  const list = parseJson(VmList, text)
  return (
    list &&
    Object.entries(list.ids ?? {}).flatMap(([vmid, { type, ...place }]) =>
      type === 'qemu' || type === 'lxc' ? [{ vmid, type, ...place }] : [],
    )
  )
}

/** `sdn/.running-config`, as much of it as is read here. */
const RunningConfig = z.object({
  zones: z
    .object({
      ids: z.record(z.string(), z.object({ dhcp: z.string().optional(), ipam: z.string().optional() })),
    })
    .optional(),
  vnets: z.object({ ids: z.record(z.string(), z.object({ zone: z.string().optional() })) }).optional(),
  subnets: z
    .object({
      ids: z.record(z.string(), z.object({ vnet: z.string().optional(), gateway: z.string().optional() })),
    })
    .optional(),
})

/** The SDN's vnets with the families that Proxmox's own DHCP server serves there; a vnet without any is not listed. */
export type DhcpByVnet = ReadonlyMap<string, ReadonlySet<Family>>

/**
 * Where Proxmox's dnsmasq answers; `undefined` for half a file (pve-network, `SDN/Dhcp.pm` and `SDN/Dhcp/Dnsmasq.pm`).
 * It is told of every subnet of the zones that have `dhcp`, and of guests by the zone's `ipam` only: it ignores those it
 * was not told of. A subnet counts with or without a `dhcp-range`, which only says where free addresses are taken from;
 * but its gateway is the only address its vnet has, and on a link without one dnsmasq stays silent.
 */
export function parseDhcpByVnet(text: string): DhcpByVnet | undefined {
  const config = parseJson(RunningConfig, text)
  if (!config) return undefined
  const zones = config.zones?.ids ?? {}
  const vnets = config.vnets?.ids ?? {}
  const served = new Map<string, Set<Family>>()
  for (const [id, { vnet = '', gateway }] of Object.entries(config.subnets?.ids ?? {})) {
    const { zone, family } = splitSubnet(id)
    const { dhcp, ipam } = zones[zone] ?? {}
    if (!family || !gateway || !dhcp || !ipam || vnets[vnet]?.zone !== zone) continue
    served.set(vnet, (served.get(vnet) ?? new Set()).add(family))
  }
  return served
}

/** A subnet is called `ZONE-ADDRESS-LENGTH`. */
function splitSubnet(id: string): { zone: string; family: Family | undefined } {
  const [zone = '', address = ''] = id.split('-')
  if (parseIpv4(address)) return { zone, family: 'ipv4' }
  return { zone, family: parseIpv6(address) && 'ipv6' }
}

/**
 * The guests that `.rrd` calls running: one line a guest that reported within the last five minutes,
 * `pve2.3-vm/VMID:UPTIME:NAME:STATUS:…` (PVE 9: `pve-vm-9.0/VMID`), the uptime 0 while it does not run.
 */
export function parseRunning(text: string): Set<number> {
  const running = new Set<number>()
  for (const line of text.split('\n')) {
    const [, vmid, uptime] = /^pve[^/:]*-vm[^/:]*\/([0-9]+):([0-9]+):/.exec(line) ?? []
    if (vmid !== undefined && Number(uptime) > 0) running.add(Number(vmid))
  }
  return running
}

function parseJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    // Another reader's look may change the file between two of our reads: the next look sees it whole.
    return undefined
  }
}
