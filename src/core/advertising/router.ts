import { type Ipv6, isLinkLocal } from '../values/address.ts'
import { memoOf } from '../values/memo.ts'
import { describeNetwork, type Network } from '../values/network.ts'

/** The IPv6 addresses of the node's own links, by link. */
export type OwnAddresses = ReadonlyMap<string, readonly Ipv6[]>

/** What came of asking a network for a router: its link-local address, or why that cannot be said. */
export type SoughtRouter = { readonly address: Ipv6 } | { readonly failure: string }

/** By `routerKey`. */
export type SoughtRouters = ReadonlyMap<string, SoughtRouter>

/** What a router is sought by. */
export interface RouterPlace {
  readonly network: Network
  /** As guests have it. */
  readonly gateway: Ipv6
}

export function routerKey({ network, gateway }: RouterPlace): string {
  return `${gateway} on ${describeNetwork(network)}`
}

/** What a guest is told of its router, as far as it says which one that is. */
export interface ToldRouter {
  readonly network: Network
  /** Its default router, a link-local address; absent: guestnet does not say which router it has. */
  readonly router?: Ipv6
  /** Its gateway as it is configured, where that had to be asked for its link-local address. */
  readonly soughtFor?: Ipv6
  /** Its gateway as it is configured, where no link-local address of that is known. */
  readonly unknownRouter?: Ipv6
}

/** By which routers can be told of. */
export interface KnownRouters {
  readonly own: OwnAddresses
  readonly sought: SoughtRouters
  /** What guests are told now. */
  readonly told: readonly ToldRouter[]
}

/** A guest's router, and whether its network had to be asked for it. */
export interface Router {
  readonly address: Ipv6
  readonly isSought: boolean
}

/**
 * The link-local address of a guest's gateway, by which alone a router can be advertised (RFC 4861, section 4.2):
 *
 * - the gateway as it is written, where that is link-local;
 * - where the node itself is the gateway: that of the link which has the gateway's address;
 * - what the router itself has answered when it was asked; what guests were told of that outlives the agent that asked.
 *
 * It is never guessed.
 */
export function routerOf(
  place: Partial<RouterPlace>,
  { own, sought, told }: KnownRouters,
): Router | undefined {
  const { gateway, network } = place
  if (gateway === undefined || network === undefined) return undefined
  if (isLinkLocal(gateway)) return { address: gateway, isSought: false }
  const link = [...own.values()].find(addresses => addresses.includes(gateway))
  if (link) return ownRouter(link)
  const key = routerKey({ network, gateway })
  const found = sought.get(key)
  const address = found && 'address' in found ? found.address : formerlyFound(told, key)
  return address && { address, isSought: true }
}

function ownRouter(link: readonly Ipv6[]): Router | undefined {
  const [address] = link.filter(isLinkLocal).toSorted()
  return address && { address, isSought: false }
}

function formerlyFound(told: readonly ToldRouter[], key: string): Ipv6 | undefined {
  return foundBy(told).get(key)
}

/** By `routerKey`: the routers that were asked for, as guests were told of them. */
const foundBy = memoOf(
  (told: readonly ToldRouter[]) =>
    new Map(
      told
        .toReversed()
        .flatMap(({ network, soughtFor, router }) =>
          soughtFor === undefined ? [] : [[routerKey({ network, gateway: soughtFor }), router] as const],
        ),
    ),
)

/** The routers that have to be asked for, also those that were found before: they may have been replaced. */
export function routersToSeek(advertisements: readonly ToldRouter[]): Map<string, RouterPlace> {
  return new Map(
    advertisements.flatMap(({ network, unknownRouter, soughtFor }) => {
      const gateway = unknownRouter ?? soughtFor
      return gateway === undefined ? [] : [[routerKey({ network, gateway }), { network, gateway }]]
    }),
  )
}
