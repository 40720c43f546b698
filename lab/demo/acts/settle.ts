import type { Act } from '../act.ts'
import { CAST, introductionOf } from '../cast.ts'

export const settle: Act = {
  heading:
    'The agent starts: all it needs is what Proxmox knows already, the addresses in the guests’ configurations',
  async play({ stage, tell }) {
    tell.say(`node ${stage.node.name}: bridge vmbr0, cabled to a LAN; its /etc/pve is ${stage.tree.root}`)
    for (const role of CAST) {
      tell.topic(introductionOf(role))
      tell.lines(stage.configure(role).filter(line => line.includes('ip=')))
    }
    const startedAt = performance.now()
    stage.startAgent()
    const { servers } = await stage.report('Kea answers', report =>
      report.servers.some(({ state }) => state === 'answering'),
    )
    tell.topic(`guestnet run: ready after ${Math.round(performance.now() - startedAt)} ms`)
    tell.lines(stage.news())
    const offers = servers.reduce((sum, server) => sum + server.offers, 0)
    tell.expect(
      `${servers.length} Kea has all ${offers} addresses`,
      servers.length === 1 && offers === CAST.length,
    )
  },
}
