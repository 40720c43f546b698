import type { Addressing } from '../../core/guest/guest.ts'
import { type Mac, parseMac } from '../../core/values/mac.ts'
import { ADDRESSING, addressingOf } from './addressing.ts'
import { BRIDGE, MAC } from './formats.ts'
import { booleanOf, PORT, type Port, portOf } from './net.ts'
import { present } from './present.ts'
import { type PropertySchema, readProperties } from './propertyString.ts'
import type { Read } from './read.ts'
import { BOOLEAN, choice, decimal, integer, scalar } from './scalar.ts'

/** `netN` of a container, named as in the file. */
export interface LxcNet extends Port, Addressing {
  /** The interface's name inside the container. */
  readonly name: string
  /** Absent: Proxmox invents another one at every start. */
  readonly hwaddr?: Mac
  /** There is no other type; Proxmox fills it in where it is missing. */
  readonly type: 'veth'
  readonly 'host-managed'?: boolean
}

/** `netN` of a container (pct.conf(5)). */
export const LXC_NET: PropertySchema = {
  properties: {
    ...PORT,
    ...ADDRESSING,
    name: BRIDGE,
    hwaddr: MAC,
    trunks: scalar('VLAN numbers between semicolons', /^[0-9]+(?:;[0-9]+)*$/),
    mtu: integer('an MTU', 64, 65535),
    rate: decimal(),
    type: choice(['veth']),
    'host-managed': BOOLEAN,
  },
  required: ['name'],
}

export function readLxcNet(text: string): Read<LxcNet> {
  const properties = readProperties(LXC_NET, text)
  if ('wrong' in properties) return properties
  const { value } = properties
  return {
    value: {
      ...present<Omit<LxcNet, 'type' | keyof Addressing>>({
        name: value.get('name'),
        hwaddr: parseMac(value.get('hwaddr') ?? ''),
        ...portOf(value),
        'host-managed': booleanOf(value, 'host-managed'),
      }),
      ...addressingOf(value),
      type: 'veth',
    },
  }
}
