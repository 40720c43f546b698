import type { Problem } from '../problem/problem.ts'
import { counted } from '../text/counted.ts'

/** The agent of this node, as whoever asks it finds it; `silent`: it is there, but does not answer. */
export type AgentState = (typeof AGENT_STATES)[number]
export const AGENT_STATES = ['running', 'another version', 'silent', 'not running'] as const

/** What is wrong with the agent itself. `open`: how many changes a look at the node finds to be made. */
export function agentProblems(agent: AgentState, open: number): Problem[] {
  const rest =
    open === 0
      ? 'what is served and announced goes on, but no change is followed'
      : `${counted(open, 'change')} to what is served and announced ${open === 1 ? 'is' : 'are'} open (guestnet plan)`
  switch (agent) {
    case 'running':
    case 'another version':
      return []
    case 'silent':
      return [
        {
          code: 'agent-silent',
          message: `The agent of this node runs, but does not answer: ${rest}.`,
          remedy: 'Restart it (systemctl restart guestnet); guests go on being served meanwhile.',
        },
      ]
    case 'not running':
      return [
        {
          code: 'agent-down',
          message: `No agent runs on this node: ${rest}.`,
          remedy: 'Start it: guestnet run, or systemctl start guestnet.',
        },
      ]
  }
}
