import * as z from 'zod'
import { type Address, parseAddress } from '../core/values/address.ts'
import { run } from '../os/program.ts'

const Routes = z.array(z.looseObject({ prefsrc: z.optional(z.string()) }))

const Links = z.array(z.looseObject({ addr_info: z.optional(z.array(z.unknown())) }))

/** Whether the node has an address (ip-address(8), `to`), asked so that thousands of links cost little. */
export async function isOwnAddress(address: Address): Promise<boolean> {
  const outcome = await run('ip', ['-j', 'address', 'show', 'to', address])
  if (!outcome.ok) return false
  return Links.parse(JSON.parse(outcome.stdout || '[]')).some(({ addr_info = [] }) => addr_info.length > 0)
}

/** The address the kernel would send from (ip-route(8), `get`); `undefined` where it has no way to the destination. */
export async function sourceAddressFor(destination: Address): Promise<Address | undefined> {
  const outcome = await run('ip', ['-j', 'route', 'get', destination])
  if (!outcome.ok) return undefined
  const [route] = Routes.parse(JSON.parse(outcome.stdout))
  return parseAddress(route?.prefsrc ?? '')
}
