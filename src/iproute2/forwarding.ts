import * as z from 'zod'
import { applyEach, type ChangeOf, type Driver, type Failures } from '../core/driver.ts'
import {
  acceptRaOf,
  FORWARDING,
  type KernelSetting,
  type ObservedForwarding,
} from '../core/routing/forwarding.ts'
import { FAMILIES, type Family } from '../core/values/family.ts'
import { failed, type Result } from '../core/values/result.ts'
import { readText } from '../os/files.ts'
import { run } from '../os/program.ts'
import { readEntries } from './entries.ts'
import { setSysctl } from './proxySysctls.ts'

/** Whether the node is a router; looked at only where guests are announced. */
export class ForwardingDriver implements Driver<'forwarding', ObservedForwarding | undefined, boolean> {
  readonly #remembers: boolean
  #advertised: readonly string[] | undefined

  /** With `remembers`, somebody calls `forget` now and then: the default routes that routers advertise stay for half an hour. */
  constructor({ remembers = false }: { readonly remembers?: boolean } = {}) {
    this.#remembers = remembers
  }

  async observe(isWanted: boolean): Promise<ObservedForwarding | undefined> {
    if (!isWanted) return undefined
    const advertised = this.#advertised ?? (await observeAdvertised())
    if (this.#remembers) this.#advertised = advertised
    return forwardingWith(advertised)
  }

  /** Another router may have told of itself. */
  forget(): void {
    this.#advertised = undefined
  }

  /** The families that are forwarded at this moment. */
  families(): ReadonlySet<Family> {
    return new Set(FAMILIES.filter(family => isOn(FORWARDING[family].name)))
  }

  /** One after the other: where a link did not take what keeps the host's default route, IPv6 is not forwarded either. */
  async apply(changes: readonly ChangeOf<'forwarding'>[]): Promise<Failures> {
    let isUnsafe = false
    return await applyEach(changes, change => {
      if (isUnsafe && change.name === FORWARDING.ipv6.name)
        return failed('the host would lose its default route')
      const result = applySetting(change)
      isUnsafe ||= !result.ok
      return result
    })
  }
}

/** Whether the node forwards, and which links gave it its IPv6 default route. Throws when `ip` itself does not work. */
export async function observeForwarding(): Promise<ObservedForwarding> {
  return forwardingWith(await observeAdvertised())
}

async function observeAdvertised(): Promise<string[]> {
  // With the protocol the kernel itself leaves out all others: there may be a full BGP table.
  const listing = await run('ip', ['-6', '-j', 'route', 'show', 'default', 'proto', 'ra'])
  if (!listing.ok) throw new Error(listing.reason)
  return parseAdvertised(listing.stdout)
}

function forwardingWith(advertised: readonly string[]): ObservedForwarding {
  return {
    ipv4: isOn(FORWARDING.ipv4.name),
    ipv6: isOn(FORWARDING.ipv6.name),
    advertised: advertised.map(device => ({
      device,
      acceptRa: readSetting(acceptRaOf(device)) ?? '',
    })),
  }
}

/** One route of `ip -j route show`, ip-route(8): by one link, or by several. */
const Route = z.object({
  dev: z.string().optional(),
  nexthops: z.array(z.object({ dev: z.string() })).optional(),
})

/** The links of the routes that `ip -j` lists, each once. */
export function parseAdvertised(json: string): string[] {
  const routes = readEntries(Route, json)
  return [
    ...new Set(routes.flatMap(({ dev, nexthops = [] }) => [dev ?? [], nexthops.map(hop => hop.dev)].flat())),
  ]
}

/** What a setting is; `undefined` where the kernel has none of that name. */
export function readSetting(name: string): string | undefined {
  const read = readText(`/proc/sys/${fileOf(name)}`)
  return read.ok ? read.text.trim() : undefined
}

function applySetting({ name, value }: KernelSetting): Result {
  return setSysctl({ file: fileOf(name).replace(/^net\//, ''), value })
}

/** The file below /proc/sys: dots and slashes change places, sysctl(8). */
export function fileOf(name: string): string {
  return name.replace(/[./]/g, separator => (separator === '.' ? '/' : '.'))
}

function isOn(name: string): boolean {
  return ![undefined, '0'].includes(readSetting(name))
}
