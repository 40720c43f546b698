import { resolve } from 'node:path'
import { commonOptions } from '../../lab/agent.ts'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import type { Outcome } from '../../lab/process.ts'
import { LabRouter, NODE_AS, ROUTER_ADDRESS, ROUTER_AS } from '../../lab/router.ts'
import type { Tree } from '../../lab/tree.ts'
import { vm } from './world.ts'

export const POLICY = `
announce:
  table: 100
  networks:
    - bridge: vmbr0
      prefixes: [203.0.113.0/24, "2001:db8:a::/48"]
bgp:
  as: ${NODE_AS}
  peers:
    - {name: rtr01, address: "${ROUTER_ADDRESS}", as: ${ROUTER_AS}}
`

/** A cluster of one node that announces to a router, without an agent yet. */
export interface AnnouncedWorld {
  readonly lab: Lab
  readonly tree: Tree
  readonly node: LabNode
  readonly router: LabRouter
}

export async function createAnnouncedWorld(prefix: string): Promise<AnnouncedWorld> {
  const lab = await Lab.create({ prefix })
  try {
    const tree = lab.createTree({ nodes: ['pve1'] })
    tree.policy(POLICY)
    const router = await LabRouter.create(lab)
    const node = await lab.addNode('pve1', tree)
    await node.addBridge('vmbr0')
    await router.connect(node)
    await router.start()
    return { lab, tree, node, router }
  } catch (error) {
    await lab.close()
    throw error
  }
}

/** A guest with one address of each family. */
export function guest(vmid: number, more = ''): string {
  return vm(vmid, {
    ip: `203.0.113.${vmid % 256}/24`,
    gw: `203.0.113.1,ip6=2001:db8:a::${vmid}/64,gw6=2001:db8:a::1`,
    more,
  })
}

/** Runs guestnet with text output, with more in its environment: `NAME=value`. */
export function inText(
  { node }: AnnouncedWorld,
  words: readonly string[],
  environment: readonly string[] = [],
): Promise<Outcome> {
  const command = [process.execPath, resolve('dist/guestnet.js'), ...words, ...commonOptions(node)]
  return node.attempt('env', [...environment, ...command])
}
