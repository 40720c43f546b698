import { Lab } from '../lab/lab.ts'
import type { LabNode } from '../lab/node.ts'
import type { Tree } from '../lab/tree.ts'
import type { Family } from '../src/core/values/family.ts'

/** A simulated node with its guests, served by nobody yet. */
export interface World {
  readonly lab: Lab
  readonly tree: Tree
  readonly node: LabNode
  /** All guests that are configured. */
  readonly configured: readonly number[]
  /** Those of them that run. */
  readonly running: readonly number[]
  /** How long they are changed without a pause, where that is measured. */
  readonly churnMinutes: number
  /** Gives a guest another address of its own, as an administrator does; returns it. */
  readonly editAddress: (vmid: number, family?: Family) => string
}

export interface WorldOptions {
  readonly guests: number
  readonly churnMinutes?: number
  /** Guests of the whole cluster; the others are another node's, and run nowhere. */
  readonly cluster?: number
  /** How many of them run; default all. */
  readonly running?: number
  /** Whether they are behind firewall bridges, each in a VLAN with nine others, or all together on one bridge. */
  readonly firewall?: boolean
}

const FIRST_VMID = 1000
const GUESTS_PER_VLAN = 10

/** Builds a world; `.version` and its kin are kept as pmxcfs does. */
export async function createWorld(options: WorldOptions): Promise<World> {
  const { guests, running = guests, firewall = true, churnMinutes = 30, cluster = guests } = options
  const lab = await Lab.create({ prefix: 'bench' })
  lab.onExit()
  try {
    const tree = lab.createTree({ nodes: cluster > guests ? ['pve1', 'pve2'] : ['pve1'] })
    const configured = Array.from({ length: guests }, (_, index) => FIRST_VMID + index)
    for (const vmid of configured) tree.write('pve1', 'qemu', vmid, configOf(vmid, firewall))
    for (let index = guests; index < cluster; index++)
      tree.write('pve2', 'qemu', FIRST_VMID + index, configOf(FIRST_VMID + index, firewall))
    const node = await lab.addNode('pve1', tree)
    await node.addBridge('vmbr0')
    const started = configured.slice(0, running)
    await node.startAll(started)
    return {
      lab,
      tree,
      node,
      configured,
      running: started,
      churnMinutes,
      editAddress: (vmid, family) => editAddress(tree, vmid, family),
    }
  } catch (error) {
    await lab.close()
    throw error
  }
}

function editAddress(tree: Tree, vmid: number, family: Family = 'ipv4'): string {
  let edited = ''
  tree.edit(vmid, text =>
    text.replace(WRITTEN[family], (_, key: string, network: string, host: string) => {
      edited = `${network}${(Number(host) + EDIT_DISTANCE) % (2 * EDIT_DISTANCE)}`
      return `${key}${edited}`
    }),
  )
  return edited
}

/** A guest's address in its configuration: the key, the network's half, and the host's, which has digits only. */
const WRITTEN = { ipv4: /(ip=)(10\.\d+\.\d+\.)(\d+)/, ipv6: /(ip6=)([0-9a-f:]+::)(\d+)/ }

/** Guests' addresses end below this, or, edited, below its double. */
const EDIT_DISTANCE = 100

/** About what Proxmox writes for a VM made from a cloud image. */
function configOf(vmid: number, firewall: boolean): string {
  const index = vmid - FIRST_VMID
  const vlan = firewall ? Math.floor(index / GUESTS_PER_VLAN) + 1 : 0
  const network = `10.${vlan >> 8}.${vlan & 255}`
  const host = 10 + (firewall ? index % GUESTS_PER_VLAN : index)
  const mac = `52:54:00:00:${[vmid >> 8, vmid & 255].map(octet => octet.toString(16).padStart(2, '0')).join(':')}`
  return `agent: 1
boot: order=scsi0
cores: 2
cpu: host
ide2: local-lvm:vm-${vmid}-cloudinit,media=cdrom
ipconfig0: ip=${network}.${host}/24,gw=${network}.1,ip6=2001:db8:${vlan.toString(16)}::${host}/64,gw6=2001:db8:${vlan.toString(16)}::1
memory: 2048
name: guest${vmid}
nameserver: 192.0.2.53
net0: virtio=${mac},bridge=vmbr0${firewall ? `,firewall=1,tag=${vlan}` : ''}
ostype: l26
scsi0: local-lvm:vm-${vmid}-disk-0,size=20G
scsihw: virtio-scsi-single
serial0: socket
sockets: 1
vga: serial0
`
}
