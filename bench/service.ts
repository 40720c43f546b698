import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { guestnet, startAgent } from '../lab/agent.ts'
import type { LabProcess } from '../lab/process.ts'
import { untilSettled } from './settled.ts'
import type { World } from './world.ts'

/** Something that gives guests their addresses. */
export interface Service {
  readonly start: (world: World) => LabProcess
  /** Resolves when it has nothing left to do; absent: it does not tell, and looks at everything again and again. */
  readonly settled?: (world: World) => Promise<void>
  /** Removes what it leaves behind when its process has ended. */
  readonly clear: (world: World) => Promise<unknown>
}

/** guestnet's agent as it comes; further arguments to choose otherwise. */
export function agentWith(...args: readonly string[]): Service {
  return {
    start: ({ node }) => startAgent(node, { args }),
    settled: ({ node }) => untilSettled(node),
    async clear({ node }) {
      await guestnet(node, 'teardown')
      rmSync(join(node.stateDir, 'kea'), { recursive: true, force: true })
    },
  }
}

/** `predecessor.ts`, as a process of its own, so that what it costs can be told from what measuring costs. */
export const predecessor: Service = {
  start({ lab, node, tree }) {
    const dir = lab.folder('predecessor')
    const program = [resolve('dist/bench.js'), 'predecessor']
    return node.spawn('predecessor', process.execPath, [...program, tree.root, node.name, dir])
  },
  clear: async () => undefined,
}

/** Starts a service, uses it, ends it and removes everything it made. */
export async function serving<T>(
  service: Service,
  world: World,
  use: (process: LabProcess) => Promise<T>,
): Promise<T> {
  const running = service.start(world)
  try {
    return await use(running)
  } finally {
    await running.stop(15_000)
    await service.clear(world)
  }
}
