import { setTimeout as pause } from 'node:timers/promises'
import { withRawClient } from '../../clients/raw.ts'
import { eventually } from '../../eventually.ts'
import { lostBesides, type Migrated, migrate } from '../../migration.ts'
import { type Ping, Pings } from '../../pings.ts'
import { WORLD } from '../../router.ts'
import { tracesOf } from '../../traces.ts'
import type { Act, Scene } from '../act.ts'
import { addressIn, macOf, SHOP } from '../cast.ts'
import { addressesOf, memoryOf } from '../fabric.ts'

/** Milliseconds before and after it, in which pings show that nothing else is amiss. */
const CALM_MS = 1000
/** Milliseconds, about a ping's distance from the next: when one without an answer was sent is only reckoned. */
const RECKONED_MS = 150

const FAMILIES = [
  { name: 'IPv4', from: WORLD.ipv4 },
  { name: 'IPv6', from: WORLD.ipv6 },
] as const

export const migration: Act = {
  heading:
    'A guest migrates live while it is pinged: the router’s next hop moves when its configuration does',
  async play(scene) {
    const { stage, tell } = scene
    tell.say(
      `as Proxmox VE does it: ${stage.fabric.second.name} makes the guest’s port; its memory is copied; it is paused on ${stage.node.name}, its configuration is renamed, it is resumed on ${stage.fabric.second.name}; its former port goes`,
    )
    tell.say(
      'the guest is a simulation with nothing to copy: a second is waited instead, and its pause is made to last 100 ms',
    )
    const { migrated, moved, pings } = await move(scene)
    for (const [index, { name }] of FAMILIES.entries())
      tellFamily(scene, name, { migrated, movedAt: moved[index] ?? 0, pings: pings[index] ?? [] })
    await tellPlaces(scene)
  },
}

/** Migrates the guest; when the next hops had moved, and the pings, by family. */
async function move({ stage: { node, fabric } }: Scene) {
  const { second, router, routes } = fabric
  const addresses = addressesOf(SHOP)
  const running = addresses.map((to, index) => Pings.start(router, { from: FAMILIES[index]?.from ?? '', to }))
  const arrivals = Promise.all(addresses.map(to => routes.leadTo([to], fabric.nextHopOf(second))))
  const migrating = migrate({
    vmid: SHOP.vmid,
    from: node,
    to: second,
    memory: memoryOf(SHOP),
    copy: () => pause(CALM_MS),
  })
  const [migrated, moved] = await Promise.all([migrating, arrivals])
  await pause(CALM_MS)
  return { migrated, moved, pings: await Promise.all(running.map(pings => pings.stop())) }
}

interface Outcome {
  readonly migrated: Migrated
  readonly movedAt: number
  readonly pings: readonly Ping[]
}

function tellFamily({ tell }: Scene, family: string, { migrated, movedAt, pings }: Outcome): void {
  const ms = Math.round(movedAt - migrated.renamedAt)
  const pausedMs = Math.round(migrated.resumedAt - migrated.pausedAt)
  const lost = pings.filter(({ answered }) => !answered).length
  const besides = lostBesides(migrated, pings)
  // How long the move takes is the machine's matter, and told; a ping before or after it that nobody answers is guestnet's.
  const from = migrated.pausedAt - RECKONED_MS
  const until = Math.max(migrated.resumedAt, movedAt) + RECKONED_MS
  const isAmiss = pings.some(({ sentAt, answered }) => !answered && (sentAt < from || sentAt > until))
  tell.expect(
    `${family}: the next hop has moved ${ms} ms after the rename; of ${pings.length} pings, ten a second, ${lost} were lost: ${lost - besides} in the guest’s own pause (${pausedMs} ms), ${besides} besides`,
    ms > 0 && lost < pings.length && !isAmiss,
  )
}

/** Everything is on the target, and nothing on the source. */
async function tellPlaces({ stage: { node, fabric }, tell }: Scene): Promise<void> {
  const { router, second } = fabric
  for (const [index, address] of addressesOf(SHOP).entries()) {
    const show = [index === 0 ? '-4' : '-6', 'route', 'show', address]
    tell.shell('router', `ip ${show.join(' ')}`, await router.run('ip', show))
  }
  const words = [...addressesOf(SHOP), macOf(SHOP), `tap${SHOP.vmid}i0`]
  const isClean = async () => (await tracesOf(node, words)).length === 0
  await eventually(`${node.name} has cleaned up`, isClean).catch(() => undefined)
  const left = await tracesOf(node, words)
  tell.lines(left)
  tell.expect(
    `left of it on ${node.name}: ${left.length} lines of its links, rules, routes, neighbours, nftables and BIRD, ${(await tracesOf(second, words)).length} on ${second.name}`,
    left.length === 0,
  )
  const lease = await withRawClient(second.guest(SHOP.vmid).port(), client => client.exchange())
  tell.expect(`asked by DHCP, ${second.name} says ${lease?.address}`, lease?.address === addressIn(SHOP.ip))
}
