import * as z from 'zod'
import { ADDRESS_METRIC, type HeldAddress } from '../core/routing/observation.ts'
import { parseAddress } from '../core/values/address.ts'
import { type Mac, parseMac } from '../core/values/mac.ts'
import { readEntries } from './entries.ts'

const AddressEntry = z.object({
  ifname: z.string(),
  addr_info: z.array(z.object({ local: z.string(), metric: z.number().optional() })),
})

/** Reads `ip -j -N -4|-6 address show`: each device's addresses. */
export function parseAddresses(json: string, mark: number = ADDRESS_METRIC): Map<string, HeldAddress[]> {
  return new Map(
    readEntries(AddressEntry, json).map(({ ifname, addr_info }) => [
      ifname,
      addr_info.flatMap(({ local, metric }) => {
        const address = parseAddress(local)
        return address ? [{ address, marked: metric === mark }] : []
      }),
    ]),
  )
}

const LinkEntry = z.object({ ifname: z.string(), address: z.string() })

/** Reads lists of `ip -j -N link show dev DEVICE`: each device's hardware address. */
export function parseMacs(lists: readonly string[]): Map<string, Mac> {
  return new Map(
    lists
      .flatMap(json => readEntries(LinkEntry, json))
      .flatMap(({ ifname, address }) => {
        const mac = parseMac(address)
        return mac ? [[ifname, mac] as const] : []
      }),
  )
}
