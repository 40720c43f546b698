import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Reservation {
  readonly mac: string
  readonly address: string
  /** `10.0.0.5/24` as it was written. */
  readonly cidr: string
  readonly gateway: string | undefined
}

/** The bridges of this node that guests with a static address are on, by the bridge nearest to the guest. */
export function networksOf(pveRoot: string, node: string): Map<string, Reservation[]> {
  const folder = join(pveRoot, 'nodes', node, 'qemu-server')
  const networks = new Map<string, Reservation[]>()
  for (const file of readdirSync(folder).filter(name => /^\d+\.conf$/.test(name))) {
    const { bridge, reservation } = readGuest(file, readFileSync(join(folder, file), 'utf8')) ?? {}
    if (bridge === undefined || !reservation || !existsSync(`/sys/class/net/${bridge}`)) continue
    networks.set(bridge, [...(networks.get(bridge) ?? []), reservation])
  }
  return networks
}

function readGuest(file: string, text: string): { bridge: string; reservation: Reservation } | undefined {
  const [, mac = '', bridge = '', rest = ''] = /^net0: virtio=([^,]+),bridge=(\w+)(.*)$/m.exec(text) ?? []
  const [, cidr = '', gateway] = /^ipconfig0: ip=([\d./]+)(?:,gw=([\d.]+))?/m.exec(text) ?? []
  const [address = ''] = cidr.split('/')
  if (mac === '' || address === '') return undefined
  const [, tag] = /,tag=(\d+)/.exec(rest) ?? []
  const shared = tag === undefined ? bridge : `${bridge}v${tag}`
  return {
    bridge: rest.includes(',firewall=1') ? `fwbr${Number.parseInt(file, 10)}i0` : shared,
    reservation: { mac, address, cidr, gateway },
  }
}
