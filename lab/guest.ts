import type { Guest, Nic } from '../src/core/guest/guest.ts'
import type { Mac } from '../src/core/values/mac.ts'
import { Namespace } from './namespace.ts'
import type { Site } from './site.ts'
import { guestLinkOf } from './wiring.ts'

/** Where a DHCP client runs: a link inside a guest. */
export interface GuestPort {
  readonly guest: LabGuest
  /** Name inside the guest, `eth0`. */
  readonly link: string
  readonly mac: Mac
}

/** A running simulated guest: a namespace whose `eth<n>` is the other end of its host port. */
export class LabGuest extends Namespace {
  readonly config: Guest
  /** A folder of its own, for what clients keep. */
  readonly dir: string
  /** When its host ports were in their bridges, on the clock of `monotonicMs`; its own ends come up some ms later. */
  wiredAt = 0

  constructor(lab: Site, netns: string, config: Guest) {
    super(lab, netns)
    this.config = config
    this.dir = lab.folder('guests', netns)
  }

  nic(index: number): Nic {
    const nic = this.config.nics.find(candidate => candidate.index === index)
    if (nic === undefined) throw new Error(`${this.config.file} has no net${index}`)
    return nic
  }

  port(index = 0): GuestPort {
    const nic = this.nic(index)
    if (nic.mac === undefined) throw new Error(`net${index} of ${this.config.file} has no MAC`)
    return { guest: this, link: guestLinkOf(nic), mac: nic.mac }
  }

  /** The IPv4 addresses the guest has put on a link, as `address/length`. */
  async addresses(link = 'eth0'): Promise<string[]> {
    const links = await this.ipJson<{ addr_info: { local: string; prefixlen: number }[] }>(
      '-4',
      'addr',
      'show',
      'dev',
      link,
    )
    return links.flatMap(({ addr_info }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`))
  }

  /** The guest's IPv4 routes. */
  routes(): Promise<GuestRoute[]> {
    return this.ipJson<GuestRoute>('-4', 'route')
  }
}

/** A route as `ip -j route` prints it. */
export interface GuestRoute {
  readonly dst: string
  readonly gateway?: string
  readonly dev: string
  readonly scope?: string
}
