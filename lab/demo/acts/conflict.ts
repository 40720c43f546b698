import { describeProblem } from '../../../src/core/problem/problem.ts'
import { withRawClient } from '../../clients/raw.ts'
import { monotonicMs } from '../../wire.ts'
import type { Act } from '../act.ts'
import { addressIn, DB, introductionOf, nameOf, RIVAL } from '../cast.ts'
import { offeredAt, takeLease, tellTaken } from '../lease.ts'

/** What the administrator gives the copy instead. */
const FREE = '192.0.2.16/24'
const SILENCE_MS = 1000

export const conflict: Act = {
  heading:
    'Two guests claim one address: who has it keeps it, the other gets nothing, and is told why in plain words',
  async play({ stage, tell }) {
    tell.topic(introductionOf(RIVAL))
    tell.lines(stage.configure(RIVAL))
    const rival = await stage.node.start(RIVAL.vmid)
    const { problems } = await stage.report('the conflict is reported', report => report.problems.length > 0)
    for (const problem of problems) tell.say(describeProblem(problem))
    tell.expect(
      'reported: this problem, and no other',
      problems.length === 1 && problems[0]?.code === 'address-duplicate' && problems[0].vmid === RIVAL.vmid,
    )
    const offer = await withRawClient(rival.port(), client =>
      client.discover({ timeoutMs: SILENCE_MS, everyMs: 50 }),
    )
    tell.expect(`${nameOf(RIVAL)} asks for ${SILENCE_MS} ms and is offered nothing`, offer === undefined)
    const kept = await withRawClient(stage.node.guest(DB.vmid).port(), client => client.exchange())
    tell.expect(`${nameOf(DB)} goes on being told ${kept?.address}`, kept?.address === addressIn(DB.ip))

    tell.topic('the administrator gives the copy an address of its own')
    const editedAt = monotonicMs()
    tell.lines(stage.edit(RIVAL, FREE))
    const ms = (await offeredAt(rival.port(), FREE)) - editedAt
    tell.say(`first OFFER after ${Math.round(ms)} ms`)
    tellTaken(tell, await takeLease(stage, RIVAL))
    const { problems: left } = await stage.report(
      'the conflict is solved',
      report => report.problems.length === 0,
    )
    tell.expect(`problems left: ${left.length}`, left.length === 0)
  },
}
