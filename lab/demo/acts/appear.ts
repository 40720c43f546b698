import { lease } from '../../clients/client.ts'
import type { GuestRoute } from '../../guest.ts'
import type { Act, Scene } from '../act.ts'
import { addressIn, CAST, clientOf, introductionOf, nameOf, type Role } from '../cast.ts'
import { offeredAt, takeLease, tellTaken } from '../lease.ts'

export const appear: Act = {
  heading: 'Guests start: each takes exactly the address in its configuration, whatever client runs in it',
  async play(scene) {
    for (const role of CAST) await enter(scene, role)
  },
}

/** Told by DHCPv6, whatever link-local address and DUID its client made up. */
async function enterBy6(stage: Scene['stage'], tell: Scene['tell'], role: Role): Promise<void> {
  if (!role.client6 || role.ip6 === undefined) return
  const guest = stage.node.guest(role.vmid)
  const leased = await lease(role.client6, guest.port())
  tell.shell(
    role.name,
    'ip -br -6 addr show dev eth0',
    await guest.run('ip', ['-br', '-6', 'addr', 'show', 'dev', 'eth0']),
  )
  tell.expect(
    `${nameOf(role)} took ${leased?.address ?? 'nothing'} by DHCPv6`,
    leased?.address === addressIn(role.ip6),
  )
}

async function enter({ stage, tell }: Scene, role: Role): Promise<void> {
  tell.topic(introductionOf(role))
  const guest = await stage.node.start(role.vmid)
  const ms = (await offeredAt(guest.port(), role.ip)) - guest.wiredAt
  tell.say(`first OFFER ${Math.round(ms)} ms after its port appeared; its client: ${clientOf(role)}`)
  tellTaken(tell, await takeLease(stage, role))
  await enterBy6(stage, tell, role)
  if (!role.ip.endsWith('/32')) return
  tell.shell(role.name, 'ip -4 route', await guest.run('ip', ['-4', 'route']))
  const isDefault = ({ dst, gateway }: GuestRoute) => dst === 'default' && gateway === role.gateway
  tell.expect(
    `its default route leads to ${role.gateway}, outside its prefix`,
    (await guest.routes()).some(isDefault),
  )
}
