import { familyOfServer, type ServerId } from '../../../src/core/dhcp/serverId.ts'
import { FAMILIES } from '../../../src/core/values/family.ts'
import type { Act } from '../act.ts'
import { CAST, introductionOf } from '../cast.ts'

export const settle: Act = {
  heading:
    'The agent starts: all it needs is what Proxmox knows already, the addresses in the guests’ configurations',
  async play({ stage, tell }) {
    tell.say(
      `node ${stage.node.name}: bridge vmbr0, cabled to a LAN; seen from outside, its /etc/pve is ${stage.tree.root}`,
    )
    for (const role of CAST) {
      tell.topic(introductionOf(role))
      tell.lines(stage.configure(role).filter(line => line.includes('ip=')))
    }
    const startedAt = performance.now()
    stage.startAgent()
    const { servers } = await stage.report('Kea answers', report =>
      FAMILIES.every(family =>
        report.servers.some(({ state, server }) => state === 'answering' && familyOf(server) === family),
      ),
    )
    tell.topic(`guestnet run: ready after ${Math.round(performance.now() - startedAt)} ms`)
    tell.lines(stage.news())
    const offers = servers.reduce((sum, server) => sum + server.offers, 0)
    const addresses = CAST.flatMap(({ ip, ip6 }) => [ip, ip6 ?? []].flat())
    tell.expect(
      `${servers.length} Keas, one a family, have all ${offers} addresses`,
      servers.length === FAMILIES.length && offers === addresses.length,
    )
  },
}

function familyOf(server: ServerId | undefined) {
  return server && familyOfServer(server)
}
