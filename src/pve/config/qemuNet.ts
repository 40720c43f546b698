import { type Mac, parseMac } from '../../core/values/mac.ts'
import { MAC } from './formats.ts'
import { booleanOf, numberOf, PORT, type Port, portOf } from './net.ts'
import { present } from './present.ts'
import { type PropertySchema, readProperties } from './propertyString.ts'
import type { Read } from './read.ts'
import { BOOLEAN, choice, decimal, integer, scalar } from './scalar.ts'

/** `netN` of a VM, named as in the file. */
export interface QemuNet extends Port {
  readonly model: string
  /** Absent: Proxmox invents another one at every start. */
  readonly macaddr?: Mac
  readonly queues?: number
  readonly 'host-tunnel'?: boolean
}

const MODELS = [
  'e1000',
  'e1000-82540em',
  'e1000-82544gc',
  'e1000-82545em',
  'e1000e',
  'i82551',
  'i82557b',
  'i82559er',
  'ne2k_isa',
  'ne2k_pci',
  'pcnet',
  'rtl8139',
  'virtio',
  'vmxnet3',
]

/** `netN` of a VM (qm.conf(5)); the model may stand alone, or as the key of the MAC. */
export const QEMU_NET: PropertySchema = {
  properties: {
    ...PORT,
    model: choice(MODELS),
    macaddr: MAC,
    trunks: scalar(
      'VLAN numbers or ranges between semicolons',
      /^[0-9]+(?:-[0-9]+)?(?:;[0-9]+(?:-[0-9]+)?)*$/,
    ),
    mtu: integer('an MTU', 1, 65520),
    queues: integer('a number of queues', 0, 64),
    rate: decimal(0),
    'host-tunnel': BOOLEAN,
  },
  required: ['model'],
  defaultKey: 'model',
  shorthand: { names: MODELS, name: 'model', value: 'macaddr' },
}

export function readQemuNet(text: string): Read<QemuNet> {
  const properties = readProperties(QEMU_NET, text)
  if ('wrong' in properties) return properties
  const { value } = properties
  return {
    value: present<QemuNet>({
      model: value.get('model'),
      macaddr: parseMac(value.get('macaddr') ?? ''),
      ...portOf(value),
      queues: numberOf(value, 'queues'),
      'host-tunnel': booleanOf(value, 'host-tunnel'),
    }),
  }
}
