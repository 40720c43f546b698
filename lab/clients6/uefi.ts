import { type Dhcp6Option, option6 } from './message.ts'

/** Intel's, which EDK2 has for its own. */
const ENTERPRISE = 343

/**
 * What the firmware of a virtual machine sends besides the usual when it boots by HTTP over IPv6, put together from EDK2's sources
 * (NetworkPkg/HttpBootDxe): what it asks for, UNDI 3.1 (option 62), its architecture (61), x86-64 by HTTP, and its vendor class (16).
 */
export function httpBootOptions(): Dhcp6Option[] {
  const name = Buffer.from('HTTPClient:Arch:00016:UNDI:003001')
  const head = Buffer.alloc(6)
  head.writeUInt32BE(ENTERPRISE)
  head.writeUInt16BE(name.length, 4)
  return [
    option6(6, [0, 59, 0, 60, 0, 23, 0, 16]),
    option6(62, [1, 3, 1]),
    option6(61, [0, 16]),
    option6(16, Buffer.concat([head, name])),
  ]
}
