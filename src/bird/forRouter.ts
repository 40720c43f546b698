import { renderBirdRouter } from './forRouterBird.ts'
import { renderFrrRouter } from './forRouterFrr.ts'

/** What a fabric's routers run. */
export type RouterDaemon = 'bird' | 'frr'

/**
 * What to add to the routers of a fabric, with comments: of several ways to a guest they then prefer the node where it arrived later,
 * however many hops away. `asNumbers`: of the nodes, at least one.
 */
export function renderForRouter(daemon: RouterDaemon, asNumbers: readonly number[]): string {
  return daemon === 'bird' ? renderBirdRouter(asNumbers) : renderFrrRouter(asNumbers)
}
