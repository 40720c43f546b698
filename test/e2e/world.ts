import { type AgentOptions, guestnet, startAgent } from '../../lab/agent.ts'
import { eventually } from '../../lab/eventually.ts'
import { Lab } from '../../lab/lab.ts'
import type { Lan } from '../../lab/lan.ts'
import type { LabNode } from '../../lab/node.ts'
import type { LabProcess } from '../../lab/process.ts'
import type { Tree } from '../../lab/tree.ts'
import type { Report } from '../../src/core/report/report.ts'

/** A simulated cluster of one node, as most tests need it: vmbr0 cabled to a LAN. */
export interface World {
  readonly lab: Lab
  readonly tree: Tree
  readonly node: LabNode
  readonly lan: Lan
}

export interface WorldOptions {
  readonly prefix: string
  readonly plain?: boolean
  readonly nodes?: readonly string[]
}

export async function createWorld({ prefix, plain = false, nodes = ['pve1'] }: WorldOptions): Promise<World> {
  const lab = await Lab.create({ prefix })
  try {
    const tree = lab.createTree({ nodes, plain })
    const node = await lab.addNode(nodes[0] ?? 'pve1', tree)
    await node.addBridge('vmbr0')
    const lan = await lab.addLan()
    await lan.connect(node, 'vmbr0')
    return { lab, tree, node, lan }
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** `52:54:00:00:00:64` for 100: what tests give their guests. */
export function macOf(vmid: number, nic = 0): string {
  const octets = [nic, vmid >> 8, vmid & 255].map(octet => octet.toString(16).padStart(2, '0'))
  return `52:54:00:${octets.join(':')}`
}

export interface VmLines {
  readonly ip?: string
  readonly gw?: string
  readonly ip6?: string
  readonly gw6?: string
  readonly net?: string
  readonly more?: string
}

/** A VM's configuration with one NIC. */
export function vm(vmid: number, { net = '', more = '', ...given }: VmLines = {}): string {
  const addresses = addressingOf(given)
  const ipconfig = addresses.length === 0 ? '' : `ipconfig0: ${addresses.join()}\n`
  return `${ipconfig}name: guest${vmid}\nnet0: virtio=${macOf(vmid)},bridge=vmbr0${net}\n${more}`
}

/** A container's configuration with one NIC. */
export function container(vmid: number, { net = '', more = '', ...given }: VmLines = {}): string {
  const addresses = addressingOf(given).map(one => `,${one}`)
  return `hostname: guest${vmid}\nnet0: name=eth0,hwaddr=${macOf(vmid)},bridge=vmbr0${addresses.join('')}${net},type=veth\n${more}`
}

function addressingOf({ ip, gw, ip6, gw6 }: VmLines): string[] {
  return Object.entries({ ip, gw, ip6, gw6 }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  )
}

/** Starts the agent and waits until it has looked once. */
export async function runAgent(world: World, options: AgentOptions = {}): Promise<LabProcess> {
  const agent = startAgent(world.node, options)
  await reportOf(world, report => report.agent)
  return agent
}

/** What `guestnet status` tells, as soon as it satisfies `until`. */
export async function reportOf(
  { node, lab }: World,
  until: (report: Report & { agent: boolean }) => boolean = () => true,
): Promise<Report & { agent: boolean }> {
  return await eventually(
    'a report as expected',
    async () => {
      const { stdout } = await guestnet(node, 'status')
      const report = JSON.parse(stdout) as Report & { agent: boolean }
      return until(report) ? report : Promise.reject(new Error(stdout))
    },
    { timeoutMs: 15_000, dump: () => lab.dump() },
  )
}

/** Waits until these guests are served at their ports. */
export async function served(world: World, ...vmids: readonly number[]): Promise<void> {
  await reportOf(world, ({ nics }) =>
    vmids.every(vmid => nics.some(nic => nic.vmid === vmid && nic.state === 'served')),
  )
}
