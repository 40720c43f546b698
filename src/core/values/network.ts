/** A layer-2 network of the cluster: a bridge or SDN vnet, and a VLAN on it. The same names mean the same network on every node. */
export interface Network {
  readonly bridge: string
  /** VLAN, 1 to 4094; absent: untagged. */
  readonly tag?: number
}

/** `vmbr0` or `vmbr0 VLAN 5`: for people, and as a key. */
export function describeNetwork({ bridge, tag }: Network): string {
  return tag === undefined ? bridge : `${bridge} VLAN ${tag}`
}
