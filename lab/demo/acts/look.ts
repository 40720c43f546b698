import type { Act } from '../act.ts'
import { CAST, RIVAL, TWINS, WEB } from '../cast.ts'
import { familyOf, megabytesOf } from '../memory.ts'

const ALL = [...CAST, RIVAL, ...TWINS]

export const look: Act = {
  heading: 'What the administrator sees: one command tells what is served and what is wrong',
  async play({ stage, tell }) {
    const { node } = stage
    const { nics, servers } = await stage.settled()
    tell.shell(node.name, 'guestnet status', await stage.guestnet('status'))
    const served = new Set(nics.flatMap(({ state, vmid }) => (state === 'served' ? [vmid] : []))).size
    tell.expect(`${served} of ${ALL.length} guests are served`, served === ALL.length)
    const plan = await stage.guestnet('plan')
    tell.shell(node.name, 'guestnet plan', plan)
    tell.expect('everything is as it should be', plan === 'nothing to do')

    const chain = ['list', 'chain', 'netdev', node.agentName, `tap${WEB.vmid}i0`]
    tell.topic('all there is at a guest’s port, in front of every bridge and every firewall')
    tell.shell(node.name, `nft ${chain.join(' ')}`, await node.run('nft', chain))
    const agent = megabytesOf(familyOf(stage.agent.pid)).toFixed(1)
    const keas = megabytesOf(servers.flatMap(({ pid }) => pid ?? [])).toFixed(1)
    tell.topic(
      `memory (PSS): ${agent} MB for the agent with its monitors, ${keas} MB for ${servers.length} Keas`,
    )
  },
}
