import { familyOfServer } from '../../../src/core/dhcp/serverId.ts'
import type { Act } from '../act.ts'
import { introductionOf, TWINS } from '../cast.ts'
import { takeLease, tellTaken } from '../lease.ts'

export const twins: Act = {
  heading:
    'The same address in two VLANs: no conflict, since these are two networks, and both guests have it',
  async play({ stage, tell }) {
    for (const role of TWINS) {
      tell.topic(introductionOf(role))
      tell.lines(stage.configure(role))
    }
    await stage.node.startAll(TWINS.map(({ vmid }) => vmid))
    const { servers, problems } = await stage.settled()
    for (const taken of await Promise.all(TWINS.map(role => takeLease(stage, role)))) tellTaken(tell, taken)
    const ofIpv4 = servers.filter(({ server }) => server && familyOfServer(server) === 'ipv4')
    tell.expect(
      `${ofIpv4.length} Keas of IPv4 now, since one cannot lease an address twice; problems: ${problems.length}`,
      ofIpv4.length === TWINS.length && problems.length === 0,
    )
  },
}
