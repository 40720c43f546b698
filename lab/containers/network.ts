import type { Namespace } from '../namespace.ts'

/**
 * The words in front of a command that run it in a node's network, with the machine's own mounts: what starts containers needs
 * the control groups, which a simulated node does not see.
 */
export function inNetworkOf({ netns }: Namespace): string[] {
  return ['nsenter', `--net=/run/netns/${netns}`, '--']
}
