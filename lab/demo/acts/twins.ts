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
    tell.expect(
      `${servers.length} Keas now, since one cannot lease an address twice; problems: ${problems.length}`,
      servers.length === TWINS.length && problems.length === 0,
    )
  },
}
