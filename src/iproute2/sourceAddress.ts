import * as z from 'zod'
import { type Address, parseAddress } from '../core/address.ts'
import { run } from '../os/program.ts'

const Routes = z.array(z.looseObject({ prefsrc: z.optional(z.string()) }))

/** The address the kernel would send from (ip-route(8), `get`); `undefined` where it has no way to the destination. */
export async function sourceAddressFor(destination: Address): Promise<Address | undefined> {
  const outcome = await run('ip', ['-j', 'route', 'get', destination])
  if (!outcome.ok) return undefined
  const [route] = Routes.parse(JSON.parse(outcome.stdout))
  return parseAddress(route?.prefsrc ?? '')
}
