import * as z from 'zod'
import { canonical } from '../text/canonical.ts'
import { parseMac } from '../values/mac.ts'
import { parseVmid } from './names.ts'

export const VmidSchema = z
  .number()
  .transform((value, context) => parseVmid(String(value)) ?? context.addIssue('no VMID') ?? z.NEVER)

/** A guest's NIC and its link, as another process wrote them down. */
export const NIC_SHAPE = {
  vmid: VmidSchema,
  type: z.enum(['qemu', 'lxc']),
  nic: z.number().int().nonnegative(),
  link: z.string(),
  mac: canonical(parseMac),
  network: z.object({ bridge: z.string(), tag: z.exactOptional(z.number()) }),
}
