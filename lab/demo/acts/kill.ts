import type { Report } from '../../../src/core/report/report.ts'
import type { Act } from '../act.ts'
import { CAST } from '../cast.ts'
import { takeLease, tellTaken } from '../lease.ts'

export const kill: Act = {
  heading:
    'The agent is killed: guests go on being served without it, and its successor takes over what it finds',
  async play({ stage, tell }) {
    const keas = keasOf(await stage.settled())
    const { agent } = stage
    agent.signal('SIGKILL')
    await agent.exited
    const status = await stage.guestnet('status', 5)
    tell.shell(stage.node.name, `kill -9 ${agent.pid}; guestnet status | head -5`, status)
    tell.topic('now every guest drops its address, and leases it anew with its own client')
    for (const taken of await Promise.all(CAST.map(role => takeLease(stage, role)))) tellTaken(tell, taken)

    tell.topic('another agent starts')
    stage.news()
    stage.startAgent()
    const after = keasOf(await stage.settled())
    const news = stage.news()
    tell.lines(news)
    const changes = news.filter(line => line.includes(' change ')).length
    tell.expect(
      `it had to change ${changes === 0 ? 'nothing' : changes}: Kea is process ${after}, and was ${keas} before`,
      changes === 0 && after === keas,
    )
  },
}

function keasOf({ servers }: Report): string {
  return servers.map(({ pid }) => pid).join(' and ')
}
