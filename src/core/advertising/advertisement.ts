import type { GuestType, Vmid } from '../guest/names.ts'
import type { Cidr6, Ipv6, Prefix6 } from '../values/address.ts'
import type { Mac } from '../values/mac.ts'
import type { Network } from '../values/network.ts'
import { isHost, prefixOf6 } from '../values/prefix.ts'
import type { Router, ToldRouter } from './router.ts'

/** What one NIC of a guest is told by router advertisements (RFC 4861, section 4.2). Complete in itself. */
export interface Advertisement extends AdvertisedNic, ToldRouter {
  /** What it may reach without a router; absent: nothing but its own address. */
  readonly onLink?: Prefix6
  /** Bytes. */
  readonly mtu: number
  /** RDNSS (RFC 8106). */
  readonly dns: readonly Ipv6[]
  /** DNSSL (RFC 8106). */
  readonly search: readonly string[]
}

/** The NIC that is told. */
export interface AdvertisedNic {
  readonly vmid: Vmid
  readonly type: GuestType
  /** The N of `netN`. */
  readonly nic: number
  /** The host link that its frames come in by. */
  readonly link: string
  readonly mac: Mac
  readonly network: Network
}

/** What is known of a NIC's address, from which follows what it is told. */
export interface Addressed extends AdvertisedNic {
  readonly address: Cidr6
  readonly gateway?: Ipv6
  readonly dns: readonly Ipv6[]
  readonly search: readonly string[]
  /** Bytes; absent: the usual 1500. */
  readonly mtu?: number
}

/** IPv6 does not work with less (RFC 8200, section 5). */
const LEAST_MTU = 1280

/** What was made of a NIC, and by which router. */
const MADE = new WeakMap<Addressed, { readonly router: Router | undefined; readonly made: Advertisement }>()

/** The same, not only equal, while the NIC is the same and its router is: what follows from it need not be found again. */
export function advertisementFor(nic: Addressed, router: Router | undefined): Advertisement {
  const known = MADE.get(nic)
  if (known && known.router?.address === router?.address && known.router?.isSought === router?.isSought)
    return known.made
  const made = makeAdvertisement(nic, router)
  MADE.set(nic, { router, made })
  return made
}

function makeAdvertisement(
  { vmid, type, nic, link, mac, network, address, gateway, dns, search, mtu = 1500 }: Addressed,
  router: Router | undefined,
): Advertisement {
  return {
    vmid,
    type,
    nic,
    link,
    mac,
    network,
    ...(router && { router: router.address }),
    ...(gateway && router?.isSought && { soughtFor: gateway }),
    ...(gateway && !router && { unknownRouter: gateway }),
    ...(!isHost(address) && { onLink: prefixOf6(address) }),
    mtu: Math.max(mtu, LEAST_MTU),
    dns,
    search,
  }
}
