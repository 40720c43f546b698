import * as z from 'zod'

const Options = z
  .array(z.object({ name: z.string().optional(), code: z.number().optional(), data: z.string() }))
  .transform(options =>
    Object.fromEntries(options.map(({ name, code, data }) => [String(name ?? code), data])),
  )
const Reservation = z.looseObject({
  'ip-address': z.string().optional(),
  'ip-addresses': z.array(z.string()).optional(),
  'option-data': Options.default({}),
})
const Subnets = z
  .array(z.object({ 'option-data': Options.default({}), reservations: z.array(Reservation) }))
  .default([])
const Network = z.object({ 'option-data': Options, subnet4: Subnets, subnet6: Subnets })
const Server = z.object({ 'shared-networks': z.tuple([Network]) })

/**
 * What options each guest is told by a configuration, by its address; an option that Kea is given in several places is told as the
 * narrowest says (Kea ARM, "Configuring Options": reservation, subnet, shared network).
 */
export function optionsByAddress(config: string): Map<string, Record<string, string>> {
  const [section] = Object.values(JSON.parse(config) as object)
  const [network] = Server.parse(section)['shared-networks']
  return new Map(
    [...network.subnet4, ...network.subnet6].flatMap(subnet =>
      subnet.reservations.map(reservation => [
        reservation['ip-address'] ?? reservation['ip-addresses']?.[0] ?? '',
        { ...network['option-data'], ...subnet['option-data'], ...reservation['option-data'] },
      ]),
    ),
  )
}
