import type { Addressing, Guest, Nic } from '../../core/guest/guest.ts'
import type { Vmid } from '../../core/guest/names.ts'
import type { Problem } from '../../core/problem/problem.ts'
import type { Mac } from '../../core/values/mac.ts'
import { parseVlans } from '../../core/values/vlan.ts'
import { BLANK_BYTES } from './bytes.ts'
import type { Port } from './net.ts'
import type { ParsedConfig, ParsedLxc, ParsedQemu } from './parsedConfig.ts'
import { present } from './present.ts'

/** Where a guest's configuration was found. */
export interface GuestPlace {
  /** The cluster node whose folder holds it. */
  readonly node: string
  readonly file: string
  readonly vmid: Vmid
}

/** The guest that a configuration describes, its NICs in ascending order. */
export function toGuest(parsed: ParsedConfig, { node, file, vmid }: GuestPlace): Guest {
  const nics = parsed.type === 'qemu' ? qemuNics(parsed) : lxcNics(parsed)
  return present<Omit<Guest, 'further'>>({
    type: parsed.type,
    vmid,
    node,
    file,
    name: parsed.name,
    template: parsed.template,
    lock: parsed.lock,
    nameserver: parsed.nameserver?.replace(BLANK_BYTES, ' '),
    searchdomain: parsed.searchdomain?.replace(BLANK_BYTES, ' '),
    cicustom: parsed.cicustom,
    nics: nics.toSorted((a, b) => a.index - b.index),
    notes: parsed.notes,
    problems: parsed.problems.map((problem): Problem => ({ ...problem, file, vmid })),
  })
}

function qemuNics({ nets, ipconfigs, atStart }: ParsedQemu): Nic[] {
  return [...nets].map(([index, { value: net, line }]) => {
    const ipconfig = ipconfigs.get(index)
    return toNic(net, {
      index,
      mac: net.macaddr,
      model: net.model,
      addressing: ipconfig?.value ?? {},
      atStart: atStart.get(index)?.value,
      line: ipconfig?.line ?? line,
    })
  })
}

function lxcNics({ nets }: ParsedLxc): Nic[] {
  return [...nets].map(([index, { value: net, line }]) => {
    const addressing = present<Omit<Addressing, 'further'>>({
      ip: net.ip,
      gw: net.gw,
      ip6: net.ip6,
      gw6: net.gw6,
    })
    return toNic(net, { index, mac: net.hwaddr, model: undefined, addressing, atStart: undefined, line })
  })
}

/** What a NIC has that VMs and containers write differently. */
interface Particulars extends Pick<Nic, 'index' | 'addressing' | 'line'> {
  readonly mac: Mac | undefined
  readonly model: string | undefined
  readonly atStart: Addressing | undefined
}

function toNic(port: Port, particulars: Particulars): Nic {
  const { bridge, tag, firewall = false, link_down: linkDown = false, mtu } = port
  const trunks = port.trunks === undefined ? undefined : parseVlans(port.trunks)
  return present<Nic>({ ...particulars, bridge, tag, trunks, firewall, linkDown, mtu })
}
