import { Lab } from '../lab/lab.ts'
import type { Namespace } from '../lab/namespace.ts'
import type { LabNode } from '../lab/node.ts'
import type { Tree } from '../lab/tree.ts'
import { addBarePorts } from './announcingWorld.ts'

/** A node with guests on three bridges, of which only the ends are there, and nobody guards them yet. */
export interface GuardWorld {
  readonly lab: Lab
  readonly tree: Tree
  readonly node: LabNode
  /** Where the guests' ends are. */
  readonly crowd: Namespace
  readonly guests: readonly BareGuest[]
}

export interface BareGuest {
  readonly vmid: number
  readonly mac: string
  readonly ipv4: string
  readonly bridge: Network
  readonly port: string
}

/** Those that are never guarded, a few that are, and the crowd. */
export const NETWORKS = ['vmbr0', 'vmbr1', 'vmbr2'] as const
export type Network = (typeof NETWORKS)[number]
/** Guests on each of the small ones. */
export const FEW = 10

const FIRST_VMID = 1000

/** `guests`: those on the second and the third bridge together. */
export async function createGuardWorld({ guests: count }: { readonly guests: number }): Promise<GuardWorld> {
  const lab = await Lab.create({ prefix: 'bench' })
  lab.onExit()
  try {
    const tree = lab.createTree({ nodes: ['pve1'] })
    const node = await lab.addNode('pve1', tree)
    for (const bridge of NETWORKS) await node.addBridge(bridge)
    const guests = Array.from({ length: count + FEW }, (_, index) => guestOf(index))
    for (const guest of guests) tree.write('pve1', 'qemu', guest.vmid, configOf(guest))
    const crowd = await addBarePorts(node, guests)
    // A bare port never says whose it is, so the bridge is told.
    const lines = guests.map(({ mac, port }) => `fdb replace ${mac} dev ${port} master static\n`)
    await node.run('bridge', ['-batch', '-'], { input: lines.join('') })
    return { lab, tree, node, crowd, guests }
  } catch (error) {
    await lab.close()
    throw error
  }
}

function guestOf(index: number): BareGuest {
  const vmid = FIRST_VMID + index
  const octets = [index >> 8, index & 255]
  const bridge = NETWORKS[Math.min(Math.floor(index / FEW), NETWORKS.length - 1)] ?? NETWORKS[0]
  return {
    vmid,
    bridge,
    port: `tap${vmid}i0`,
    ipv4: `198.18.${octets.join('.')}`,
    mac: `52:54:00:01:${octets.map(octet => octet.toString(16).padStart(2, '0')).join(':')}`,
  }
}

function configOf({ vmid, ipv4, mac, bridge }: BareGuest): string {
  return `ipconfig0: ip=${ipv4}/16,ip6=2001:db8:a::${vmid.toString(16)}/64
memory: 2048
name: guest${vmid}
net0: virtio=${mac},bridge=${bridge}
`
}
