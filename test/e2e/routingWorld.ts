import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import type { LabNode } from '../../lab/node.ts'
import type { Routing } from '../../src/core/routing/routing.ts'
import { NO_ROUTING } from '../routings.ts'
import type { Request, Round } from './routingDriver.ts'
import { vm } from './world.ts'

/** A simulated node with guests 100 and 101 on vmbr0, whose kernel is brought to what is wanted. */
export class RoutingWorld {
  readonly lab: Lab
  readonly node: LabNode
  readonly #driver: string

  private constructor(lab: Lab, node: LabNode, driver: string) {
    this.lab = lab
    this.node = node
    this.#driver = driver
  }

  static async create(prefix: string): Promise<RoutingWorld> {
    const lab = await Lab.create({ prefix })
    try {
      const driver = join(lab.dir, 'driver.mjs')
      await bundle(driver)
      const tree = lab.createTree({ nodes: ['pve1'] })
      for (const vmid of [100, 101]) tree.write('pve1', 'qemu', vmid, vm(vmid))
      const node = await lab.addNode('pve1', tree)
      await node.addBridge('vmbr0')
      await node.startAll([100, 101])
      return new RoutingWorld(lab, node, driver)
    } catch (error) {
      await lab.close()
      throw error
    }
  }

  /** Looks and carries out what differs, so many times. */
  async rounds(wanted: Routing, count: number): Promise<Round[]> {
    const request = join(this.lab.dir, 'request.json')
    writeFileSync(request, JSON.stringify({ wanted, rounds: count } satisfies Request))
    return JSON.parse(await this.node.run(process.execPath, [this.#driver, request])) as Round[]
  }

  /** One round has to be enough; it and the one after it. */
  async settle(wanted: Routing): Promise<{ first: Round; second: Round }> {
    const [first, second] = await this.rounds(wanted, 2)
    if (!first || !second) throw new Error('the driver did less than asked')
    expect(first.failures).toEqual([])
    expect(second.changes).toEqual([])
    return { first, second }
  }

  /** Removes everything of guestnet's. */
  async clear(): Promise<void> {
    await this.settle(NO_ROUTING)
  }
}

/** What runs inside the node is one file that plain `node` runs. */
async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: ['test/e2e/routingDriver.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  })
}
