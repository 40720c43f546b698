import { InvalidArgumentError } from 'commander'
import { parseVmid, type Vmid } from '../core/guest/names.ts'

/** The number of a guest as an argument or option. */
export function vmidArgument(text: string): Vmid {
  const vmid = parseVmid(text)
  if (vmid === undefined) throw new InvalidArgumentError('It must be the number of a guest, such as 100.')
  return vmid
}
