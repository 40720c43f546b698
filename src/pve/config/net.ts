import { BRIDGE } from './formats.ts'
import type { Properties, PropertySchema } from './propertyString.ts'
import { BOOLEAN, integer } from './scalar.ts'

/** What `netN` of VMs and of containers have in common; named as in the file. */
export interface Port {
  readonly bridge?: string
  readonly tag?: number
  /** As written: numbers between semicolons; a VM may also have ranges. */
  readonly trunks?: string
  readonly firewall?: boolean
  readonly link_down?: boolean
  readonly mtu?: number
  /** Megabytes a second. */
  readonly rate?: number
}

export const PORT = {
  bridge: BRIDGE,
  tag: integer('a VLAN number', 1, 4094),
  firewall: BOOLEAN,
  link_down: BOOLEAN,
} satisfies PropertySchema['properties']

export function portOf(properties: Properties): { [K in keyof Port]-?: Port[K] | undefined } {
  return {
    bridge: properties.get('bridge'),
    tag: numberOf(properties, 'tag'),
    trunks: properties.get('trunks'),
    firewall: booleanOf(properties, 'firewall'),
    link_down: booleanOf(properties, 'link_down'),
    mtu: numberOf(properties, 'mtu'),
    rate: numberOf(properties, 'rate'),
  }
}

export function numberOf(properties: Properties, key: string): number | undefined {
  const text = properties.get(key)
  return text === undefined ? undefined : Number(text)
}

export function booleanOf(properties: Properties, key: string): boolean | undefined {
  const text = properties.get(key)
  return text === undefined ? undefined : text === '1'
}
