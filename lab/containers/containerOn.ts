import type { LabNode } from '../node.ts'
import { BareContainer } from './bare.ts'
import { type LabContainer, readGrants } from './container.ts'
import { LxcContainer } from './lxc.ts'
import { PodmanContainer } from './podman.ts'

/** By Podman where GUESTNET_IMAGE names an image, by LXC where GUESTNET_LXC names a Debian's folder, else by namespaces alone. */
export function containerOn(node: LabNode): LabContainer {
  const { GUESTNET_IMAGE: image, GUESTNET_LXC: debian } = process.env
  if (image !== undefined) return new PodmanContainer(node, readGrants(), image)
  return debian === undefined ? new BareContainer(node, readGrants()) : new LxcContainer(node, debian)
}
